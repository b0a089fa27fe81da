import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { ReplicaHeartbeat1700000000000 } from './server.heartbeat.js';
import { connect, createDatabase, requireBinaryCollation } from './server.connect.js';
import type { Link } from './server.link.js';
import type { ServerOptions } from './server.options.js';
import { ServerRunner } from './server.runner.js';
import { resultOf } from './server.statement.js';
import { flavourOf, sourceOf } from './server.source.js';
import type { MigrationClass, OpenOptions } from './store.database.js';
import type { DriverError } from './store.errors.js';

const LOCK_S = 120;
const NO_TABLE = 1146;
/** What servers alone need. */
const OWN: MigrationClass[] = [ReplicaHeartbeat1700000000000];

/** What is migrated: a domain's tables on its server. */
export type MigrateOptions = Pick<OpenOptions, 'name' | 'entities' | 'migrations'> & { server: ServerOptions };

/** The names of the migrations that the database lacks, in their order; all of them when there is no such database. */
export async function pendingMigrations({ server, migrations }: MigrateOptions): Promise<string[]> {
  const link = await connect(server);
  if (!link) return inOrder(migrations);
  try {
    return await pendingOn(link, migrations);
  } finally {
    link.end();
  }
}

/**
 * Brings the tables up to date, as `migrator` where there is one, and makes the database if it is missing; returns what it has run.
 * However many processes call it at once, each migration runs once: the others wait for a lock of the server, which it takes back from a
 * process that dies.
 *
 * MySQL commits each change of a schema at once. A migration that fails in its middle therefore leaves its first statements behind and is not
 * in the table `migrations`: the next start tries it from the beginning and fails at what is there already. Then an operator looks into the
 * database, undoes by hand what that one migration has done (`down()` says how) or does the rest and inserts its row into `migrations`, and
 * starts again. Expand first and remove a release later, so that the old version runs on while the new one starts.
 */
export async function migrateDatabase(options: MigrateOptions): Promise<string[]> {
  const { server } = options;
  const login = server.migrator ?? server;
  const link = (await connect(server, login)) ?? (await createDatabase(server, login));
  try {
    return await locked(link, server.database, async () => {
      await requireBinaryCollation(link, server.database);
      return run(link, options);
    });
  } finally {
    link.end();
  }
}

/** Sees to it that a database may be opened: migrates it, or refuses where that is not this process's business. */
export async function prepare(options: MigrateOptions): Promise<void> {
  const { server, migrations } = options;
  const link = await connect(server);
  const missing = link ? await pendingOn(link, migrations).finally(() => link.end()) : inOrder(migrations);
  if (missing.length > 0 && server.migrate === 'never')
    throw new Error(`${server.database} lacks ${missing.length} migrations (${missing[0]} …), and DB_MIGRATE is never`);
  if (missing.length > 0) await migrateDatabase(options);
}

async function run(link: Link, options: MigrateOptions): Promise<string[]> {
  const { database } = options.server;
  const missing = await pendingOn(link, options.migrations);
  if (missing.length === 0) return [];
  const source = await sourceOn(link, options);
  try {
    await source.runMigrations();
    return missing;
  } catch (error) {
    const [failed] = await pendingOn(link, options.migrations).catch(() => missing);
    const why = (error as Error).message.replaceAll(/\s+/g, ' ');
    throw new Error(`${database} could not be migrated: ${failed} failed: ${why}`, { cause: error });
  } finally {
    await source.destroy();
  }
}

/** A TypeORM data source all of whose statements go through one connection. */
export async function sourceOn(link: Link, options: MigrateOptions): Promise<DataSource> {
  const { entities, migrations, server } = options;
  const source = sourceOf(await flavourOf(link), entities, [...OWN, ...migrations], server.database);
  const driver = source.driver as MysqlDriver;
  driver.createQueryRunner = () =>
    new ServerRunner(driver, async (sql, parameters) => resultOf(await link.run(sql, parameters)));
  driver.isReturningSqlSupported = () => false; // only MariaDB has it: what works on one server must work on all
  return source.initialize();
}

/** Runs `work` while no other process migrates this database. GET_LOCK needs no privilege, and the server gives the lock back when the connection ends, however it ends. */
export async function locked<T>(link: Link, database: string, work: () => Promise<T>): Promise<T> {
  const name = `nakku-migrate-${createHash('sha256').update(database).digest('hex').slice(0, 40)}`; // 64 characters at most
  const [row] = (await link.run('SELECT GET_LOCK(?, ?) AS taken', [name, LOCK_S])) as { taken: number | null }[];
  if (row?.taken !== 1)
    throw new Error(`${database} has been migrated by another process for ${LOCK_S} s: is it stuck?`);
  try {
    return await work();
  } finally {
    if (!link.lost) await link.run('SELECT RELEASE_LOCK(?)', [name]).catch(() => undefined);
  }
}

async function pendingOn(link: Link, migrations: readonly MigrationClass[]): Promise<string[]> {
  const done = new Set(await appliedOn(link));
  return inOrder(migrations).filter((name) => !done.has(name));
}

async function appliedOn(link: Link): Promise<string[]> {
  try {
    return ((await link.run('SELECT name FROM migrations')) as { name: string }[]).map(({ name }) => name);
  } catch (error) {
    if ((error as DriverError).errno === NO_TABLE) return [];
    throw error;
  }
}

const inOrder = (migrations: readonly MigrationClass[]): string[] => namesOf([...OWN, ...migrations]);

/** The names of migrations as TypeORM writes them down, by the time that ends each. */
export const namesOf = (migrations: readonly MigrationClass[]): string[] =>
  migrations
    .map((migration) => new migration().name ?? migration.name)
    .sort((one, other) => (one.slice(-13) < other.slice(-13) ? -1 : 1));
