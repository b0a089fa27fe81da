import type { DatabaseServer, Deployment, Resources } from '../deployment.js';

/** What DB_POOL_SIZE gives each copy for each database, and the one that looks after the server (its beat, its lag). */
const CONNECTIONS = 10 + 1;
/** A roll-out has both versions running, and so has blue-green. */
const VERSIONS = 2;
/** Replicas, migrations, backups, and somebody who looks what is wrong. */
const OTHERS = 30;

/** What a server is sure to get: it may use twice as much. */
export function databaseResources({ domains }: DatabaseServer): Resources {
  const memoryMb = Math.min(2048, Math.max(512, domains.length * 256));
  return { memoryMb, cpu: memoryMb > 1024 ? 1 : 0.5 };
}

/** How many connections the copies of all processes open at most to a server, or to a replica of it. */
export function maxConnections({ processes }: Deployment, { domains }: DatabaseServer): number {
  const pools = processes.map((process) => {
    const copies = Math.max(process.replicas, process.autoscale?.max ?? 1);
    return copies * process.domains.filter((domain) => domains.includes(domain)).length;
  });
  const wanted = pools.reduce((sum, count) => sum + count, 0) * CONNECTIONS * VERSIONS + OTHERS;
  return Math.ceil(wanted / 10) * 10;
}

/** A number for each server by which the others know whose a change is: hundreds for primaries, theirs plus 1, 2, … for replicas. */
export const serverIds = ({ databases }: Deployment): ReadonlyMap<string, number> =>
  new Map(
    databases.flatMap(({ host, replicas }, index) =>
      [host, ...replicas].map((name, place) => [name, (index + 1) * 100 + place] as const),
    ),
  );
