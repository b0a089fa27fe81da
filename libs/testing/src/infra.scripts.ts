import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from './infra.servers.js';

const SCRIPTS = join(__dirname, '..', '..', '..', 'tools', 'infra');

/** Where the servers of this jest run live; tools/jest.global-setup.cjs says where, for all workers, and tools/jest.global-teardown.cjs deletes it. */
export function runFolder(): string {
  process.env.NAKKU_TEST_SERVERS ??= join(tmpdir(), `nakku-servers-${randomBytes(6).toString('hex')}`);
  return process.env.NAKKU_TEST_SERVERS;
}

/** Starts a server in a folder, or finds it there; gives its variables. It goes when the jest run does. */
export async function up(folder: string, server: string): Promise<Variables> {
  const owner = process.env.NAKKU_TEST_OWNER ?? String(process.pid);
  await script('up.sh', '-d', folder, '--random-ports', '--fast', '--no-install', '--owner', owner, server);
  return readVariables(join(folder, server, 'env'))!;
}

/** Stops all servers of a folder and deletes it. */
export const down = (folder: string): Promise<void> => script('down.sh', '-d', folder, '--purge');

/** Stops or starts one process of a server (tools/infra/control.sh). */
export const control = (...args: readonly string[]): Promise<void> => script('control.sh', ...args);

/** Why these servers cannot be had on this machine, if so. */
export function missing(servers: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('bash', [join(SCRIPTS, 'install.sh'), '--check', ...servers], {
    encoding: 'utf8',
    env: process.env, // jest's, which a test may have changed
  });
  if (error) return `no bash here: ${error.message}`;
  return status === 0 ? undefined : stderr.trim().replace(/^infra: /, '');
}

/** The variables of an env file; undefined when there is none yet. */
export function readVariables(file: string): Variables | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
}

/** Its output is shown only when it fails. */
function script(name: string, ...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('bash', [join(SCRIPTS, name), ...args], { env: process.env }, (error, _stdout, stderr) =>
      error ? reject(new Error(`${name} ${args.join(' ')} failed: ${stderr || error.message}`)) : resolve(),
    );
  });
}
