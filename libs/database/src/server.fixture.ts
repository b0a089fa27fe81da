import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import { type Database, openDatabase, type OpenOptions, type ServerOptions } from './index.js';

@Entity('counters')
export class Counter {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('integer')
  value!: number;
}

export class Counters1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'value', type: 'integer' },
    ];
    await runner.createTable(new Table({ name: 'counters', columns }), true);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('counters');
  }
}

export const COUNTERS = { name: 'test', dataDir: '', entities: [Counter], migrations: [Counters1700000000010] };

/** The servers that every spec of this folder runs on. */
export const SERVERS = ['mysql', 'mariadb'] as const;

/** Where a server is and who may make databases whose names begin with `prefix`: part of what requireServers gives. */
interface Server {
  host: string;
  port: number;
  user: string;
  password: string;
  prefix: string;
}

/** A database of its own on a server, which does not exist yet. */
export const freshDatabase = ({ host, port, user, password, prefix }: Server): ServerOptions => ({
  host,
  port,
  user,
  password,
  database: `${prefix}_${randomBytes(6).toString('hex')}`,
  startMs: 0,
});

/** Runs SQL as the one who may do everything in the test's databases. */
export async function sql<T = Record<string, unknown>>(
  { host, port, user, password }: ServerOptions,
  ...statements: string[]
): Promise<T[]> {
  const connection = await createConnection({ host, port, user, password });
  try {
    let rows: unknown = [];
    for (const statement of statements) [rows] = await connection.query(statement);
    return rows as T[];
  } finally {
    await connection.end();
  }
}

export const dropDatabase = (server: ServerOptions) => sql(server, `DROP DATABASE IF EXISTS \`${server.database}\``);

export const openCounters = (server: ServerOptions, options: Partial<OpenOptions> = {}): Promise<Database> =>
  openDatabase({ ...COUNTERS, server, ...options });

/** The statements that the specs write again and again. */
export function counters(database: Database) {
  return {
    add: (id: string, value = 0) =>
      database.manager.createQueryBuilder().insert().into(Counter).values({ id, value }).updateEntity(false).execute(),
    set: (id: string, value: number | (() => string)) =>
      database.manager.createQueryBuilder().update(Counter).set({ value }).where({ id }).execute(),
    valueOf: async (id: string) => (await database.manager.findOneBy(Counter, { id }))?.value,
    ids: async () => (await database.manager.find(Counter, { order: { id: 'ASC' } })).map(({ id }) => id),
  };
}
