import { connect } from './server.connect.js';
import { connectionOf, Link } from './server.link.js';
import type { Address, ServerOptions } from './server.options.js';
import { SESSION } from './server.source.js';

const LIMIT_MS = 3000;

/** What an operator wants to know of a database server. */
export interface ServerFacts {
  /** How far its clock is ahead of this machine's, in milliseconds. */
  clockAheadMs: number;
  version: string;
  replicas: ReplicaFacts[];
}

/** What an operator wants to know of a replica; `error` says why nothing else is known. */
export interface ReplicaFacts {
  address: string;
  error?: string;
  /** How far its heartbeat is behind the primary's, in milliseconds; undefined where services do not beat. */
  lagMs?: number;
  readOnly?: boolean;
  /** Whether it follows by global transaction ids; undefined where the server has no such variable. */
  gtid?: boolean;
}

interface Row {
  version: string;
  now: number;
  readOnly: number;
}

/** Looks at a domain's server and its replicas, with its own user and without changing anything. Throws when the primary cannot be asked. */
export async function inspectServer(server: ServerOptions): Promise<ServerFacts> {
  const link = await connect({ ...server, startMs: 0 });
  if (!link) throw new Error(`there is no database ${server.database} on ${server.host}:${server.port}`);
  try {
    const before = Date.now();
    const { version, now } = await about(link);
    const clockAheadMs = now - (before + Date.now()) / 2;
    const beatAt = await heartbeat(link);
    const replicas = await Promise.all(
      (server.replicas ?? []).map((address) => inspectReplica(server, address, beatAt)),
    );
    return { clockAheadMs, version, replicas };
  } finally {
    link.end();
  }
}

async function inspectReplica(server: ServerOptions, address: Address, beatAt?: number): Promise<ReplicaFacts> {
  const name = `${address.host}:${address.port}`;
  try {
    const link = await Link.open(connectionOf(address, server, server), SESSION, { lost: () => undefined }, LIMIT_MS);
    try {
      const { readOnly } = await about(link);
      const own = await heartbeat(link);
      const lagMs = beatAt === undefined || own === undefined ? undefined : Math.max(0, beatAt - own);
      return { address: name, readOnly: readOnly === 1, gtid: await followsByGtid(link), lagMs };
    } finally {
      link.end();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { address: name, error: code ?? message };
  }
}

async function about(link: Link): Promise<Row> {
  const sql = 'SELECT VERSION() AS version, UNIX_TIMESTAMP(NOW(3)) * 1000 AS now, @@global.read_only AS readOnly';
  const [row] = (await link.run(sql, [], LIMIT_MS)) as (Row & object)[];
  if (!row) throw new Error('the server does not say what it is');
  return { version: row.version, now: Number(row.now), readOnly: Number(row.readOnly) };
}

/** Undefined where there is no such table, or nobody has beaten. */
async function heartbeat(link: Link): Promise<number | undefined> {
  const rows = (await link
    .run('SELECT beat_at AS beatAt FROM replica_heartbeat WHERE id = 1', [], LIMIT_MS)
    .catch(() => [])) as { beatAt: number }[];
  return rows[0]?.beatAt || undefined;
}

/** MariaDB has always a GTID and no such variable. */
async function followsByGtid(link: Link): Promise<boolean | undefined> {
  const rows = (await link.run('SELECT @@global.gtid_mode AS mode', [], LIMIT_MS).catch(() => [])) as {
    mode: string;
  }[];
  return rows[0] && rows[0].mode === 'ON';
}
