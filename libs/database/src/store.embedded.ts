import type { DataSource, EntityManager } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { Body, overError } from './store.body.js';
import { commitOn, type Connection, openReader } from './store.connection.js';
import {
  Database,
  type StoreStats,
  inTransaction,
  type OpenOptions,
  type TransactionOptions,
} from './store.database.js';
import { WriteQueue } from './store.queue.js';
import { bindParameters, type Execute, isRead, RoutedRunner, Statements } from './store.runner.js';

const SLOW_MS = 1000;
const MAX_BODY_MS = 30_000;

/** An SQLite file: one writer with group commit, and a connection that only reads, for everybody outside a transaction. */
export class EmbeddedDatabase extends Database {
  private readonly writer: Statements;
  private readonly reader: Statements;
  private readonly queue: WriteQueue;
  private readonly writing: EntityManager;
  private readonly reading: EntityManager;
  private longestBodyMs = 0;
  private closed?: Promise<void>;

  /** Takes over an initialized `source` of `file`, and the `lock` that it gives back when it closes. */
  constructor(
    private readonly options: OpenOptions,
    private readonly source: DataSource,
    file: string,
    private readonly lock: Connection,
  ) {
    super(options.name);
    const driver = source.driver as BetterSqlite3Driver;
    const connection = driver.databaseConnection as Connection;
    this.writer = new Statements(connection);
    this.reader = new Statements(openReader(file));
    this.queue = new WriteQueue(connection, commitOn(connection));
    this.writing = source.createEntityManager(new RoutedRunner(driver, this.inBody, true));
    this.reading = source.createEntityManager(new RoutedRunner(driver, this.outside, false));
    driver.escapeQueryWithParameters = bindParameters;
    driver.createQueryRunner = () => new RoutedRunner(driver, this.outside, false);
  }

  get manager(): EntityManager {
    return Body.running()?.owner === this ? this.writing : this.reading;
  }

  async transaction<T>(work: () => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const around = Body.running();
    if (around) return this.nest(around, work);
    if (inTransaction()) throw overError();
    if (this.closed) throw new Error(`the ${this.name} database is closed`);
    const turn = await this.queue.enter(options.lazy ?? false);
    const body = new Body(this);
    let value: T;
    try {
      value = await this.runBody(body, work);
    } catch (error) {
      // Told only now, because the work may have failed for what it saw of others in its group.
      await turn.end(false).catch(() => undefined);
      throw error;
    }
    await turn.end(true);
    body.committed(this.guarded);
    return value;
  }

  async ping(): Promise<void> {
    this.reader.run('SELECT name FROM sqlite_master LIMIT 1', []);
  }

  stats(): StoreStats {
    const { transactions, commits, rollbacks, length } = this.queue;
    return { transactions, commits, rollbacks, longestBodyMs: this.longestBodyMs, queued: length };
  }

  close(): Promise<void> {
    this.closed ??= this.shut();
    return this.closed;
  }

  private async shut(): Promise<void> {
    try {
      await this.queue.idle();
      this.reader.connection.close();
      this.writer.connection.pragma('wal_checkpoint(TRUNCATE)');
      await this.source.destroy();
    } finally {
      this.lock.close();
    }
  }

  private async runBody<T>(body: Body, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const limit = this.options.maxBodyMs ?? MAX_BODY_MS;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        body.abandon();
        reject(new Error(`a transaction of ${this.name} was rolled back: its work did not end within ${limit} ms`));
      }, limit);
    });
    try {
      return await Promise.race([body.run(work), expired]);
    } finally {
      clearTimeout(timer);
      this.measure(performance.now() - startedAt);
    }
  }

  private measure(ms: number): void {
    if (ms > this.longestBodyMs) this.longestBodyMs = ms;
    if (ms > SLOW_MS) this.guarded(() => this.options.onSlow?.({ database: this.name, ms }));
  }

  /** Runs what others have registered: an error of theirs must not look like one of the transaction, which has its outcome. */
  private readonly guarded = (hook: () => void): void => {
    try {
      hook();
    } catch (error) {
      if (this.options.onHookError) this.options.onHookError(error);
      else process.emitWarning(error instanceof Error ? error : String(error));
    }
  };

  private async nest<T>(around: Body, work: () => Promise<T>): Promise<T> {
    if (around.owner !== this) throw this.foreignError(around);
    return around.nest((inner) => this.runNested(around, inner, work));
  }

  private async runNested<T>(around: Body, inner: Body, work: () => Promise<T>): Promise<T> {
    const { connection } = this.writer;
    connection.exec('SAVEPOINT nested');
    try {
      const value = await inner.run(work);
      if (!around.open) throw overError();
      connection.exec('RELEASE nested');
      return value;
    } catch (error) {
      if (around.open) {
        connection.exec('ROLLBACK TO nested');
        connection.exec('RELEASE nested');
      }
      throw error;
    }
  }

  /** A statement on the manager of a transaction. */
  private readonly inBody: Execute = (sql, parameters) => {
    const body = Body.running();
    if (body?.owner !== this) throw overError();
    return body.busy ? this.afterNested(body, sql, parameters) : this.writer.run(sql, parameters);
  };

  private async afterNested(body: Body, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    while (body.busy) await body.busy;
    if (!body.open) throw overError();
    return this.writer.run(sql, parameters);
  }

  /** A statement outside a transaction: reads see what is committed, a write is queued. */
  private readonly outside: Execute = (sql, parameters) => {
    const body = Body.running();
    if (body?.owner === this) {
      throw new Error(
        'inside a transaction use database.manager: another manager would wait for this very transaction',
      );
    }
    if (isRead(sql)) return this.reader.run(sql, parameters);
    if (body) throw this.foreignError(body);
    if (Body.leftBehind()) throw overError();
    return this.transaction(async () => this.writer.run(sql, parameters));
  };
}
