import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import libsql from 'libsql';
import { DataSource } from 'typeorm';
import { openServer } from './server.open.js';
import { type Connection, lockFile, prepareWriter, StoreTaken } from './store.connection.js';
import type { Database, OpenOptions } from './store.database.js';
import { EmbeddedDatabase } from './store.embedded.js';
import { pendingInStore } from './store.pending.js';

/**
 * Opens a domain's store, `<dataDir>/<name>.sqlite` or the database of `server`, and brings its tables up to date. Throws, with one line, when
 * another process has the file open, or when the server cannot be used.
 */
export const openDatabase = (options: OpenOptions): Promise<Database> =>
  options.server ? openServer(options, options.server) : openEmbedded(options);

async function openEmbedded(options: OpenOptions): Promise<Database> {
  mkdirSync(options.dataDir, { recursive: true });
  const file = join(options.dataDir, `${options.name}.sqlite`);
  const lock = lockOf(file, options);
  const source = sourceOf(file, options);
  try {
    await source.initialize();
    if (lock) await source.runMigrations();
    else requireMigrated(options);
    return new EmbeddedDatabase(options, source, file, lock);
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    lock?.close();
    throw error;
  }
}

/** The lock of the store; none where a guest finds that its process runs. */
function lockOf(file: string, { name, guest }: OpenOptions): Connection | undefined {
  try {
    return lockFile(`${file}.lock`, name);
  } catch (error) {
    if (guest && error instanceof StoreTaken) return undefined;
    throw error;
  }
}

function requireMigrated(options: OpenOptions): void {
  const missing = pendingInStore(options);
  if (missing.length > 0)
    throw new Error(`the ${options.name} database is open in a process of an older version, which lacks ${missing[0]}`);
}

const sourceOf = (file: string, { entities, migrations }: OpenOptions): DataSource =>
  new DataSource({
    type: 'better-sqlite3',
    driver: libsql,
    database: file,
    enableWAL: true,
    prepareDatabase: prepareWriter,
    entities,
    migrations,
    migrationsTransactionMode: 'each',
  });
