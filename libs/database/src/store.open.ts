import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import libsql from 'libsql';
import { DataSource } from 'typeorm';
import { lockFile, prepareWriter } from './store.connection.js';
import type { Database, OpenOptions } from './store.database.js';
import { EmbeddedDatabase } from './store.embedded.js';

/** Opens `<dataDir>/<name>.sqlite` and brings its tables up to date. Throws, with one line, when another process has the file open. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  mkdirSync(options.dataDir, { recursive: true });
  const file = join(options.dataDir, `${options.name}.sqlite`);
  const lock = lockFile(`${file}.lock`, options.name);
  const source = sourceOf(file, options);
  try {
    await source.initialize();
    await source.runMigrations();
    return new EmbeddedDatabase(options, source, file, lock);
  } catch (error) {
    if (source.isInitialized) await source.destroy();
    lock.close();
    throw error;
  }
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
