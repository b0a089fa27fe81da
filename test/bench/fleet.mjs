import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort, startServer } from './server.mjs';

const ROOT = join(import.meta.dirname, '..', '..');
const DOMAINS = [
  'user',
  'product',
  'inventory',
  'order',
  'cart',
  'payment',
  'delivery',
  'notification',
  'location',
  'analytics',
];

/** Every service in a process of its own. */
export const ELEVEN = ['gateway', ...DOMAINS].map((service) => [service]);
/** All of them in one process. */
export const ONE = [['gateway', ...DOMAINS]];

/** Migrates, then starts a process for each group of services. `cpuMs` is that of all of them. */
export async function startFleet(groups, env) {
  const ports = await Promise.all(groups.map(() => freePort()));
  const portOf = (service) => ports[groups.findIndex((services) => services.includes(service))];
  const urls = DOMAINS.map((domain) => [`${domain.toUpperCase()}_SERVICE_URL`, `http://127.0.0.1:${portOf(domain)}`]);
  const shared = { ...Object.fromEntries(urls), ...env };
  if (env.DB_HOST) migrate(shared);
  const servers = await Promise.all(
    groups.map((services, i) =>
      startServer('dist/apps/nakku/src/main.js', {
        ...shared,
        ...(env.DB_HOST ? { DB_MIGRATE: 'never' } : {}),
        SERVICES: services.join(','),
        PORT: String(ports[i]),
      }),
    ),
  );
  const hosting = (service) => servers[groups.findIndex((services) => services.includes(service))];
  return {
    servers,
    hosting,
    pool: hosting('gateway').pool,
    cpuMs: () => servers.reduce((sum, server) => sum + server.cpuMs(), 0),
    rssMb: () => servers.reduce((sum, server) => sum + server.rssMb(), 0),
    stop: () => Promise.all(servers.map((server) => server.stop())),
  };
}

function migrate(env) {
  const script = join(ROOT, 'dist', 'apps', 'nakku', 'src', 'cli.js');
  const done = spawnSync(process.execPath, [script, 'migrate', 'up'], {
    env: { PATH: process.env.PATH, NODE_ENV: 'development', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) throw new Error('the databases could not be migrated');
}
