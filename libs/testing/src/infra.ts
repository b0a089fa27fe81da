import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { missing, readVariables, runFolder, up } from './infra.scripts.js';
import { SERVERS, type ServerName, type Servers } from './infra.servers.js';

/** How long the first suite may wait for its servers. */
const START_MS = 180_000;

/**
 * Real servers for a suite: those whose URLs the environment has (MYSQL_URL, KAFKA_BROKERS, ...), else throw-away ones from the binaries on
 * this machine, which all suites of a jest run share; whoever asks first starts them. They go when jest does, however it ends.
 * Never stop a shared server (see ownServer), and use names from freshPrefix. Throws with what to install when there is no such server.
 * Call it in beforeAll with a timeout that allows for a start, or let describeWith do so.
 */
export async function requireServers<N extends ServerName>(...names: readonly N[]): Promise<Pick<Servers, N>> {
  const found = await Promise.all(names.map(async (name) => [name, await shared(name)] as const));
  return Object.fromEntries(found) as Pick<Servers, N>;
}

/**
 * A suite that needs real servers; `servers` can be read in hooks and tests. Without a way to get them the suite is skipped and its name
 * says why; with REQUIRE_INFRA=1 it fails instead.
 *
 *     describeWith(['mysql', 'kafka'], 'a relay', (servers) => {
 *       it('sends', async () => connect(servers.mysql.url));
 *     });
 */
export function describeWith<N extends ServerName>(
  names: readonly N[],
  title: string,
  body: (servers: Readonly<Pick<Servers, N>>) => void,
): void {
  const why = process.env.REQUIRE_INFRA === '1' ? undefined : whyNot(names);
  if (why !== undefined) {
    describe.skip(`${title} (skipped: ${why})`, () => body({} as Pick<Servers, N>));
    return;
  }
  describe(title, () => {
    const servers: Partial<Pick<Servers, N>> = {};
    beforeAll(async () => void Object.assign(servers, await requireServers(...names)), START_MS);
    body(servers as Pick<Servers, N>);
  });
}

/** The servers that can be had here: for suites that run once on each. With REQUIRE_INFRA=1 all of them, so that a missing one fails. */
export function availableServers<N extends ServerName>(...names: readonly N[]): N[] {
  return process.env.REQUIRE_INFRA === '1' ? [...names] : names.filter((name) => whyNot([name]) === undefined);
}

async function shared<N extends ServerName>(name: N): Promise<Servers[N]> {
  const { script, variable, read } = SERVERS[name];
  if (process.env[variable]) return read(process.env);
  return read(readVariables(startedBefore(script)) ?? (await up(runFolder(), script)));
}

const startedBefore = (script: string): string => join(runFolder(), script, 'env');

function whyNot(names: readonly ServerName[]): string | undefined {
  const wanted = names.map((name) => SERVERS[name]);
  const scripts = wanted
    .filter(({ script, variable }) => !process.env[variable] && !existsSync(startedBefore(script)))
    .map(({ script }) => script);
  return scripts.length === 0 ? undefined : missing(scripts);
}
