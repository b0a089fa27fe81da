import { setTimeout as sleep } from 'node:timers/promises';
import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import { connectionOf, Link } from './server.link.js';
import type { Login, ServerOptions } from './server.options.js';
import { collationOf, flavourOf, SESSION } from './server.source.js';
import { DatabaseUnavailable, type DriverError } from './store.errors.js';

const START_MS = 20_000;
const PAUSE_MS = 250;
const NO_DATABASE = 1049;
/** Too many connections, a shutdown under way: the server itself says that it is not the time. */
const NOT_NOW = new Set([1040, 1053, 1203]);

/** A connection to the domain's database for one errand; undefined when there is no such database. A server that is not there yet is waited for. */
export async function connect(server: ServerOptions, login: Login = server): Promise<Link | undefined> {
  try {
    return await open(server, login, server.database);
  } catch (error) {
    if ((error as DriverError).errno === NO_DATABASE) return undefined;
    throw refusal(server, error as DriverError);
  }
}

/** Makes the database, and connects to it. */
export async function createDatabase(server: ServerOptions, login: Login): Promise<Link> {
  try {
    const link = await open(server, login, undefined);
    const collation = collationOf(await flavourOf(link));
    await link
      .run(`CREATE DATABASE IF NOT EXISTS ${quoted(server.database)} CHARACTER SET utf8mb4 COLLATE ${collation}`)
      .finally(() => link.end());
    return await open(server, login, server.database);
  } catch (error) {
    throw refusal(server, error as DriverError);
  }
}

/**
 * By most servers' default collation `A` and `a` are one key, and two customers one customer; in the embedded store they are two. So a database
 * must compare bytes. An empty one that does not is altered; one with tables is refused, because they keep what they were made with.
 */
export async function requireBinaryCollation(link: Link, database: string): Promise<void> {
  const [row] = await rowsOf<{ collation: string; tables: number }>(
    link,
    `SELECT @@collation_database AS collation, (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?) AS tables`,
    [database],
  );
  if (!row || /_(bin|cs)$/.test(row.collation)) return;
  if (row.tables > 0)
    throw new Error(
      `${database} compares text by ${row.collation}, where A and a are equal: it must be a binary collation`,
    );
  await link.run(
    `ALTER DATABASE ${quoted(database)} CHARACTER SET utf8mb4 COLLATE ${collationOf(await flavourOf(link))}`,
  );
}

/** A name between backticks. */
export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** The rows that a query finds. */
export async function rowsOf<T>(link: Link, sql: string, parameters: unknown[] = []): Promise<T[]> {
  const answer: RowDataPacket[] | ResultSetHeader = await link.run(sql, parameters);
  return answer as T[];
}

async function open(server: ServerOptions, login: Login, database: string | undefined): Promise<Link> {
  const until = Date.now() + (server.startMs ?? START_MS);
  const connection = { ...connectionOf(server, login, server), database };
  for (;;) {
    try {
      return await Link.open(connection, SESSION, { lost: () => undefined });
    } catch (error) {
      if (isFinal(error as DriverError) || Date.now() > until) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/** Whether it makes no sense to try again: the server was there and refused, or is not the one that it should be. */
const isFinal = ({ code, errno = 0 }: DriverError): boolean =>
  code === 'HANDSHAKE_SSL_ERROR' || (errno > 0 && !NOT_NOW.has(errno));

function refusal({ database, host, port }: ServerOptions, error: DriverError): Error {
  const where = `${database} on ${host}:${port}`;
  if (isFinal(error)) return new Error(`${where} cannot be opened: ${error.message}`, { cause: error });
  return new DatabaseUnavailable(`${where} cannot be reached: ${error.code ?? error.message}`, false, error);
}
