import type { MigrationInterface, QueryRunner } from 'typeorm';

interface Column {
  name: string;
  isNullable?: boolean;
  default?: unknown;
  isGenerated?: boolean;
}

/** What a version that does not know of it would fail at, by method of the query runner. */
const CONTRACTS = /^(drop(Table|Column|Columns|View|PrimaryKey)|rename(Table|Column)|change(Column|Columns)|clear\w+)$/;
const CONTRACTING_SQL = /\b(DROP\s+(TABLE|COLUMN)|RENAME|MODIFY|CHANGE\s+COLUMN|ALTER\s+COLUMN|TRUNCATE)\b/i;

/** Why the version before would not work on the tables that this migration leaves behind; empty for one that only adds. */
export async function contracting(migration: MigrationInterface): Promise<string[]> {
  const why: string[] = [];
  const made = new Set<string>();
  const note = (method: string, [first, second]: unknown[]): void => {
    const table = nameOf(first);
    if (method === 'createTable') made.add(table);
    if (made.has(table) && method !== 'query') return; // nobody knows it yet
    if (CONTRACTS.test(method)) why.push(`${method} ${table}`);
    if (method === 'query' && CONTRACTING_SQL.test(table)) why.push(table);
    if (method === 'addColumn' || method === 'addColumns')
      for (const column of [second].flat() as Column[])
        if (demanded(column)) why.push(`${table}.${column.name} may not be left out`);
  };
  const recorder = new Proxy({} as QueryRunner, {
    get:
      (_target, method) =>
      (...given: unknown[]) => {
        note(String(method), given);
        return Promise.resolve();
      },
  });
  await migration.up(recorder);
  return why;
}

/** A row of the version before does not have it. */
const demanded = ({ isNullable, default: fallback, isGenerated }: Column): boolean =>
  !isNullable && !isGenerated && fallback === undefined;

const nameOf = (table: unknown): string =>
  typeof table === 'string' ? table : ((table as { name?: string } | undefined)?.name ?? '');

/** A migration that takes something away, one release after the last version that used it, says so: `static contracts = true`. */
export const isContract = (migration: MigrationInterface): boolean =>
  (migration.constructor as { contracts?: boolean }).contracts === true;
