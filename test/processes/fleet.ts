import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Http, httpClientOf } from '@nakku/testing';
import { DOMAIN_NAMES } from '@nakku/contracts';
import { apps } from '../../apps/nakku/src/index.js';
import type { Deployment } from './deployment.js';
import { freePort, Server } from './server.js';

const CLI = join(__dirname, '..', '..', 'dist', 'apps', 'nakku', 'src', 'cli.js');

/** Many processes that start at once on few cores take their time. */
const TOGETHER_MS = 150_000;

/** Services that share a process, and how many copies of that process run. */
export interface Group {
  services: readonly string[];
  copies?: number;
}

/** Every service in a process of its own. */
export const ELEVEN: readonly Group[] = Object.keys(apps).map((service) => ({ services: [service] }));

interface Member {
  services: readonly string[];
  server: Server;
}

/** Nakku in many processes, each a real one that can be killed and started again. */
export class Fleet implements Deployment {
  readonly http: Http;

  private constructor(
    readonly url: string,
    private readonly members: readonly Member[],
    private readonly env: Record<string, string>,
  ) {
    this.http = httpClientOf(url);
  }

  /** Plans the processes and their ports; `env` is everybody's. Nothing runs until `start`. */
  static async of(groups: readonly Group[], env: Record<string, string>): Promise<Fleet> {
    const places = await Promise.all(
      groups.flatMap(({ services, copies = 1 }) =>
        Array.from({ length: copies }, async () => ({ services, port: await freePort() })),
      ),
    );
    const urls = Object.fromEntries(
      DOMAIN_NAMES.map((domain) => [
        `${domain.toUpperCase()}_SERVICE_URL`,
        places
          .filter(({ services }) => services.includes(domain))
          .map(({ port }) => `http://127.0.0.1:${port}`)
          .join(','),
      ]),
    );
    const shared = { TOPOLOGY: 'service-per-server', ...urls, ...env };
    const members = places.map(({ services, port }) => ({
      services,
      server: new Server(port, { ...shared, DB_MIGRATE: 'never', SERVICES: services.join(',') }),
    }));
    const gateway = places.find(({ services }) => services.includes('gateway'))!;
    return new Fleet(`http://127.0.0.1:${gateway.port}`, members, shared);
  }

  /** Migrates, then starts everybody; resolves when each `/health` says 200. */
  async start(): Promise<this> {
    try {
      await migrate(this.env);
      await Promise.all(this.members.map(({ server }) => server.start(TOGETHER_MS)));
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The processes that host a service. */
  hosting(service: string): Server[] {
    return this.members.filter(({ services }) => services.includes(service)).map(({ server }) => server);
  }

  /** What everybody has logged. */
  output(): string {
    return this.members.map(({ services, server }) => `--- ${services.join(',')}\n${server.output}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ server }) => server.end('SIGTERM')));
  }
}

/** Brings the databases up to date, as an operator does before the services start. */
function migrate(env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, 'migrate', 'up'], {
      env: { PATH: process.env.PATH, NODE_ENV: 'development', LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stderr.on('data', (chunk) => (told += chunk));
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the migration ended with ${code}: ${told}`)),
    );
  });
}
