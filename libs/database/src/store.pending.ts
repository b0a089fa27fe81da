import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { namesOf } from './server.migrate.js';
import { openReader } from './store.connection.js';
import type { OpenOptions } from './store.database.js';

/** The names of the migrations that a domain's embedded store lacks, in their order: all of them when there is no such store. Its process may run. */
export function pendingInStore({
  name,
  dataDir,
  migrations,
}: Pick<OpenOptions, 'name' | 'dataDir' | 'migrations'>): string[] {
  const file = join(dataDir, `${name}.sqlite`);
  const done = existsSync(file) ? appliedIn(file) : new Set<string>();
  return namesOf(migrations).filter((migration) => !done.has(migration));
}

function appliedIn(file: string): Set<string> {
  const reader = openReader(file);
  try {
    const tables = reader.prepare("SELECT name FROM sqlite_master WHERE name = 'migrations'").all([]);
    const rows = tables.length > 0 ? reader.prepare('SELECT name FROM migrations').all([]) : [];
    return new Set((rows as { name: string }[]).map(({ name }) => name));
  } finally {
    reader.close();
  }
}
