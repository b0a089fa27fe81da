import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import libsql from 'libsql';
import { DataSource, type EntityManager, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { type Body, bodies, Database, type StoreStats, type TransactionOptions } from './store.database.js';
import { WriteQueue } from './store.queue.js';
import { type Connection, type Execute, RoutedRunner, Statements } from './store.runner.js';

/** What opens a domain's store. */
export interface OpenOptions {
  /** The domain; names the file. */
  name: string;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type
  entities: (Function | EntitySchema)[];
  migrations: (new () => MigrationInterface)[];
  /** The folder of the data files; made if it is missing. */
  dataDir: string;
}

const READ = /^\s*(select|explain|with)\b/i;

/** Opens `<dataDir>/<name>.sqlite` and brings its tables up to date. Refuses a file that another process has open. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  mkdirSync(options.dataDir, { recursive: true });
  const file = join(options.dataDir, `${options.name}.sqlite`);
  const lock = lockFile(`${file}.lock`, options.name);
  try {
    const source = new DataSource({
      type: 'better-sqlite3',
      driver: libsql,
      database: file,
      enableWAL: true,
      entities: options.entities,
      migrations: options.migrations,
      migrationsTransactionMode: 'each',
    });
    await source.initialize();
    await source.runMigrations();
    return new EmbeddedDatabase(options.name, source, file, lock);
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** An SQLite file: one writer with group commit, and a connection that only reads, for everybody outside a transaction. */
class EmbeddedDatabase extends Database {
  private readonly writer: Statements;
  private readonly reader: Statements;
  private readonly queue: WriteQueue;
  private readonly writing: EntityManager;
  private readonly reading: EntityManager;
  private closed?: Promise<void>;

  constructor(
    name: string,
    private readonly source: DataSource,
    file: string,
    private readonly lock: Connection,
  ) {
    super(name);
    const driver = source.driver as BetterSqlite3Driver;
    this.writer = new Statements(driver.databaseConnection as Connection);
    this.reader = new Statements(connect(file));
    for (const pragma of ['synchronous = FULL', 'busy_timeout = 5000', 'foreign_keys = ON'])
      this.writer.connection.pragma(pragma);
    for (const pragma of ['query_only = ON', 'busy_timeout = 5000']) this.reader.connection.pragma(pragma);
    this.queue = new WriteQueue(this.writer);
    this.writing = source.createEntityManager(new RoutedRunner(driver, this.inBody, true));
    this.reading = source.createEntityManager(new RoutedRunner(driver, this.outside, false));
    driver.createQueryRunner = () => new RoutedRunner(driver, this.outside, false);
  }

  get manager(): EntityManager {
    const body = bodies.getStore();
    return body && body.database === this ? this.writing : this.reading;
  }

  async transaction<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const body = bodies.getStore();
    if (body && !body.over) return this.nest(body, work);
    if (this.closed) throw new Error(`the ${this.name} database is closed`);
    const begin = (): Body => ({ database: this, manager: this.writing, depth: 0, over: false, afterCommit: [] });
    return this.queue.run(begin, work, options.lazy ?? false);
  }

  stats(): StoreStats {
    return { ...this.queue.stats };
  }

  async ping(): Promise<void> {
    this.reader.run('SELECT 1', []);
  }

  close(): Promise<void> {
    this.closed ??= this.shut();
    return this.closed;
  }

  private async shut(): Promise<void> {
    await this.queue.idle();
    this.reader.connection.close();
    this.writer.connection.pragma('wal_checkpoint(TRUNCATE)');
    await this.source.destroy();
    this.lock.close();
  }

  private async nest<T>(body: Body, work: () => Promise<T>): Promise<T> {
    if (body.database !== this) {
      throw new Error(
        `a transaction of ${this.name} was begun inside one of ${body.database.name}: two stores cannot commit together`,
      );
    }
    const savepoint = `nested_${++body.depth}`;
    const hooks = body.afterCommit.length;
    this.writer.run(`SAVEPOINT ${savepoint}`, []);
    try {
      const value = await work();
      this.writer.run(`RELEASE ${savepoint}`, []);
      return value;
    } catch (error) {
      this.writer.run(`ROLLBACK TO ${savepoint}`, []);
      this.writer.run(`RELEASE ${savepoint}`, []);
      body.afterCommit.length = hooks;
      throw error;
    } finally {
      body.depth--;
    }
  }

  /** A statement on the manager of a transaction. */
  private readonly inBody: Execute = (sql, parameters) => {
    const body = bodies.getStore();
    if (!body || body.over || body.database !== this) {
      throw new Error('the transaction is over: await everything that writes before its work returns');
    }
    return this.writer.run(sql, parameters);
  };

  /** A statement outside a transaction: reads see what is committed, a write is queued. */
  private readonly outside: Execute = (sql, parameters) => {
    const body = bodies.getStore();
    if (READ.test(sql) && (!body || body.database !== this)) return this.reader.run(sql, parameters);
    if (body && !body.over) {
      throw new Error(
        'inside a transaction use database.manager: another manager would wait for this very transaction',
      );
    }
    return this.transaction(async () => this.writer.run(sql, parameters));
  };
}

const connect = (file: string): Connection => new libsql(file);

/** Held for as long as the process lives, however it ends: the operating system gives it back. */
function lockFile(file: string, name: string): Connection {
  const connection = connect(file);
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch {
    connection.close();
    throw new Error(`DATA_DIR must belong to one process, but another one has its ${name} database open`);
  }
}
