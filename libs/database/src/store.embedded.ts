import type { DataSource, EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { Body, overError } from './store.body.js';
import { commitOn, type Connection, openReader } from './store.connection.js';
import { type StoreStats, inTransaction, type OpenOptions, type TransactionOptions } from './store.database.js';
import { WriteQueue } from './store.queue.js';
import { bindParameters, RoutedRunner, Statements } from './store.runner.js';
import { TransactionalDatabase } from './store.transactional.js';

/** An SQLite file: one writer with group commit, and a connection that only reads, for everybody outside a transaction. */
export class EmbeddedDatabase extends TransactionalDatabase {
  readonly shared = false;
  protected readonly writing: EntityManager;
  protected readonly reading: EntityManager;
  private readonly writer: Statements;
  private readonly reader: Statements;
  private readonly queue: WriteQueue;
  private closed?: Promise<void>;

  /** Takes over an initialized `source` of `file`, and the `lock` that it gives back when it closes; a guest beside the store's process has none. */
  constructor(
    options: OpenOptions,
    private readonly source: DataSource,
    file: string,
    private readonly lock?: Connection,
  ) {
    super(options);
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

  protected locked<T extends ObjectLiteral>(query: SelectQueryBuilder<T>): SelectQueryBuilder<T> {
    return query;
  }

  protected write(_body: Body, sql: string, parameters: readonly unknown[]): QueryResult {
    return this.writer.run(sql, parameters);
  }

  protected read(sql: string, parameters: readonly unknown[]): QueryResult {
    return this.reader.run(sql, parameters);
  }

  protected writeAlone(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.transaction(async () => this.writer.run(sql, parameters));
  }

  protected savepoint(): void {
    this.writer.connection.exec('SAVEPOINT nested');
  }

  protected keepNested(): void {
    this.writer.connection.exec('RELEASE nested');
  }

  protected undoNested(): void {
    this.writer.connection.exec('ROLLBACK TO nested');
    this.writer.connection.exec('RELEASE nested');
  }

  private async shut(): Promise<void> {
    try {
      await this.queue.idle();
      this.reader.connection.close();
      // It would wait for the readers of the other process, and hold up its writer meanwhile.
      if (this.lock) this.writer.connection.pragma('wal_checkpoint(TRUNCATE)');
      await this.source.destroy();
    } finally {
      this.lock?.close();
    }
  }
}
