import { AbstractLogger, DataSource } from 'typeorm';
import { connectionOf, type Link } from './server.link.js';
import type { Address, Login, ServerOptions } from './server.options.js';
import { Pool } from './server.pool.js';
import type { EntityClass, MigrationClass } from './store.database.js';

/** The two families; TypeORM keeps JSON columns and default values of them apart. TiDB and Vitess say that they are MySQL. */
export type Flavour = 'mysql' | 'mariadb';

/** Asks a server what it is. */
export async function flavourOf(link: Link): Promise<Flavour> {
  const [row] = (await link.run('SELECT VERSION() AS version')) as { version: string }[];
  return /mariadb/i.test(row?.version ?? '') ? 'mariadb' : 'mysql';
}

/** A collation that compares bytes and counts blanks at the end, as the embedded store does; each family has its own name for it. */
export const collationOf = (flavour: Flavour): string =>
  flavour === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';

const POOL_SIZE = 10;
const WAIT_MS = 5000;
/** Whoever waits longer for a row is rolled back and run again; the server's own 50 s would outlast every caller. */
const LOCK_WAIT_S = 5;
const SQL_MODE = [
  'ONLY_FULL_GROUP_BY',
  'STRICT_TRANS_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
].join();

/** What a connection is set to once, so that a transaction need not do it. */
export const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = '${SQL_MODE}', time_zone = '+00:00', innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
];

/** A pool of connections to the primary, or to one of its replicas. */
export const poolOf = (server: ServerOptions, address: Address = server, login: Login = server): Pool =>
  new Pool({
    connection: connectionOf(address, login, server),
    setup: SESSION,
    size: server.poolSize ?? POOL_SIZE,
    waitMs: server.waitMs ?? WAIT_MS,
  });

/** What goes wrong is thrown, and whoever catches it logs it. */
class Silence extends AbstractLogger {
  protected writeLog(): void {}
}

/** TypeORM's pool, which nobody uses: its query runners are replaced before it connects. */
const NO_POOL = {
  createPool: () => ({
    getConnection: (done: (error: null, connection: object) => void) => done(null, { release: () => undefined }),
    end: (done: () => void) => done(),
  }),
};

/** TypeORM's side of a database: entities, migrations and the dialect. It never connects by itself. */
export const sourceOf = (
  type: Flavour,
  entities: EntityClass[],
  migrations: MigrationClass[],
  database: string,
): DataSource =>
  new DataSource({
    type,
    driver: NO_POOL,
    database,
    entities,
    migrations,
    migrationsTransactionMode: 'each',
    logger: new Silence(),
  });
