import libsql from 'libsql';
import PromisedConnection from 'libsql/promise';

/** A statement of the SQLite binding, which takes one array faster than many arguments. */
export interface Statement {
  reader: boolean;
  all(parameters: unknown[]): unknown[];
  run(parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

/** A connection of the SQLite binding. */
export interface Connection {
  prepare(sql: string): Statement;
  /** For what has no parameters and no result: twice as fast as a prepared statement. */
  exec(sql: string): void;
  pragma(text: string): unknown;
  close(): void;
  /** The binding's handle. */
  readonly db?: unknown;
}

/** What every connection that writes is set to. FULL: an acknowledged commit is on disk, and survives a loss of power. */
export function prepareWriter(connection: Connection): void {
  for (const pragma of ['synchronous = FULL', 'busy_timeout = 5000', 'foreign_keys = ON']) connection.pragma(pragma);
}

/** A connection that sees what is committed and cannot write. */
export function openReader(file: string): Connection {
  const connection = connect(file);
  for (const pragma of ['query_only = ON', 'busy_timeout = 5000']) connection.pragma(pragma);
  return connection;
}

/**
 * A COMMIT that waits for the disk on a thread of the binding instead of the event loop, so that a slow disk holds up writers alone.
 * Nothing else may use the connection until it settles.
 */
export function commitOn(connection: Connection): () => Promise<void> {
  const twin = Object.create(PromisedConnection.prototype) as { db: unknown; exec(sql: string): Promise<void> };
  twin.db = connection.db;
  return () => twin.exec('COMMIT');
}

/** Another process has the store. */
export class StoreTaken extends Error {
  constructor(name: string) {
    super(`DATA_DIR must belong to one process, but another one has its ${name} database open`);
  }
}

/** Takes `file` until the returned connection is closed or the process ends, however it ends: the operating system gives it back. Throws StoreTaken. */
export function lockFile(file: string, name: string): Connection {
  const connection = connect(file);
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new StoreTaken(name);
  }
}

/** Opens a file, as it is. */
export const connect = (file: string): Connection => new libsql(file);
