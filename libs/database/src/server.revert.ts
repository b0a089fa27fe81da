import type { DataSource } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { connect, quoted, rowsOf } from './server.connect.js';
import type { Answer, Link } from './server.link.js';
import { locked, type MigrateOptions, sourceOn } from './server.migrate.js';
import { ServerRunner } from './server.runner.js';
import { resultOf } from './server.statement.js';

/** A migration that can be undone, and what goes with it: `the table orders (1200 rows)`. */
export interface Reversal {
  migration: string;
  loses: string[];
}

/** What undoing the last migrations of a database would take away, the last one first. Nothing is changed. */
export const planRevert = (options: MigrateOptions, steps: number): Promise<Reversal[]> =>
  withSource(options, async (link, source) => {
    const plan: Reversal[] = [];
    for (const migration of await lastOf(link, steps))
      plan.push({ migration, loses: await lossesOf(link, await statementsOf(link, source, migration)) });
    return plan;
  });

/** Undoes the last migrations of a database, as its migrator; returns their names, the last one first. */
export const revertDatabase = (options: MigrateOptions, steps: number): Promise<string[]> =>
  withSource(options, (link, source) =>
    locked(link, options.server.database, async () => {
      const undone = await lastOf(link, steps);
      for (const migration of undone) {
        await source.undoLastMigration().catch((error: unknown) => {
          const why = (error as Error).message.replaceAll(/\s+/g, ' ');
          throw new Error(`${options.server.database}: ${migration} could not be undone: ${why}`, { cause: error });
        });
      }
      return undone;
    }),
  );

async function withSource<T>(
  options: MigrateOptions,
  work: (link: Link, source: DataSource) => Promise<T>,
): Promise<T> {
  const { server } = options;
  const link = await connect(server, server.migrator ?? server);
  if (!link) throw new Error(`there is no database ${server.database} on ${server.host}:${server.port}`);
  const source = await sourceOn(link, options);
  try {
    return await work(link, source);
  } finally {
    await source.destroy();
    link.end();
  }
}

async function lastOf(link: Link, steps: number): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(link, 'SELECT name FROM migrations ORDER BY id DESC');
  return rows.slice(0, steps).map(({ name }) => name);
}

/** Runs a migration's `down` on a connection that writes down what it is told to change, and does not do it. */
async function statementsOf(link: Link, source: DataSource, name: string): Promise<string[]> {
  const migration = source.migrations.find((one) => (one.name ?? one.constructor.name) === name);
  if (!migration) throw new Error(`${name} was run by another version of Nakku: undo it with that one`);
  const statements: string[] = [];
  const runner = new ServerRunner(source.driver as MysqlDriver, async (sql, parameters) => {
    if (/^\s*(SELECT|SHOW)\b/i.test(sql)) return resultOf(await link.run(sql, parameters));
    statements.push(sql.replaceAll(/\s+/g, ' ').trim());
    return resultOf([] as Answer);
  });
  await migration.down(runner);
  return statements;
}

async function lossesOf(link: Link, statements: readonly string[]): Promise<string[]> {
  const losses: string[] = [];
  for (const sql of statements) {
    const table = /^DROP TABLE (?:IF EXISTS )?(?:`[^`]+`\.)?`([^`]+)`/i.exec(sql)?.[1];
    const [, from, column] = /^ALTER TABLE (?:`[^`]+`\.)?`([^`]+)` DROP COLUMN `([^`]+)`/i.exec(sql) ?? [];
    if (table) losses.push(`the table ${table} (${await rowsIn(link, table)} rows)`);
    else if (from && column) losses.push(`the column ${from}.${column} (of ${await rowsIn(link, from)} rows)`);
    else if (/^(DELETE|UPDATE|TRUNCATE)\b/i.test(sql)) losses.push(`what this changes: ${sql.slice(0, 200)}`);
  }
  return losses;
}

async function rowsIn(link: Link, table: string): Promise<number> {
  const [row] = await rowsOf<{ count: number | string }>(link, `SELECT COUNT(*) AS count FROM ${quoted(table)}`);
  return Number(row?.count ?? 0);
}
