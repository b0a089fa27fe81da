import type { DataSource, EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { TOO_LONG } from './server.link.js';
import { ALL_IN_USE, type Pool } from './server.pool.js';
import type { Replica, Replicas } from './server.replicas.js';
import { again } from './server.retry.js';
import { RoutedServerRunner } from './server.runner.js';
import { Session } from './server.session.js';
import { alone } from './server.statement.js';
import { Body, overError } from './store.body.js';
import { inTransaction, type OpenOptions, type ReplicaState, type StoreStats } from './store.database.js';
import { DatabaseUnavailable, type DriverError } from './store.errors.js';
import { TransactionalDatabase } from './store.transactional.js';

const PING_MS = 1500;
const FRESH_MS = 1000;

/** A database on a MySQL or MariaDB server. */
export class ServerDatabase extends TransactionalDatabase {
  readonly shared = true;
  protected readonly writing: EntityManager;
  protected readonly reading: EntityManager;
  private readonly sessions = new WeakMap<Body, Session>();
  private readonly counts = { transactions: 0, commits: 0, rollbacks: 0 };
  private active = 0;
  private onIdle?: () => void;
  private closed?: Promise<void>;

  /** Takes over an initialized `source`, the `pool` of the primary, and its replicas. */
  constructor(
    options: OpenOptions,
    private readonly source: DataSource,
    private readonly pool: Pool,
    private readonly replicas?: Replicas,
  ) {
    super(options);
    const driver = source.driver as MysqlDriver;
    this.writing = source.createEntityManager(new RoutedServerRunner(driver, this.inBody, true));
    this.reading = source.createEntityManager(new RoutedServerRunner(driver, this.outside, false));
    driver.createQueryRunner = () => new RoutedServerRunner(driver, this.outside, false);
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const around = Body.running();
    if (around) return this.nest(around, work);
    if (inTransaction()) throw overError();
    return this.whileOpen(() => this.again(() => this.attempt(work)));
  }

  async ping(): Promise<void> {
    if (performance.now() - this.pool.answeredAt < FRESH_MS) return; // a pool in use to the last connection is no sign of death
    await alone(this.pool, this.name, ['SELECT 1', []], { limitMs: PING_MS });
  }

  stats(): StoreStats {
    return {
      ...this.counts,
      longestBodyMs: this.longestBodyMs,
      queued: this.pool.queued,
      replicas: this.replicas?.counts,
    };
  }

  override replicaStates(): ReplicaState[] {
    return this.replicas?.states ?? [];
  }

  close(): Promise<void> {
    this.closed ??= this.shut();
    return this.closed;
  }

  protected locked<T extends ObjectLiteral>(query: SelectQueryBuilder<T>): SelectQueryBuilder<T> {
    return query.setLock('pessimistic_write');
  }

  protected write(body: Body, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.sessionOf(body).run(sql, parameters);
  }

  /** "There is nothing" is a replica's to say only while nobody can know better: its row may be on the way. */
  protected async read(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    const replica = this.replicas?.choose();
    const answer = replica && (await this.readFrom(replica, sql, parameters));
    if (answer && (answer.records.length > 0 || !this.replicas?.primaryAnswers)) return answer;
    return this.readPrimary(sql, parameters);
  }

  protected writeAlone(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    const write = () => alone(this.pool, this.name, [sql, parameters]);
    return this.whileOpen(() => this.again(() => this.counted(write)));
  }

  protected async savepoint(inner: Body): Promise<void> {
    await this.sessionOf(inner).run(`SAVEPOINT nested_${inner.depth}`);
  }

  /** A savepoint that is not released costs nothing: the next one at its depth takes its place. */
  protected keepNested(): void {}

  protected async undoNested(inner: Body): Promise<void> {
    const session = this.sessionOf(inner);
    if (!session.doomed) await session.run(`ROLLBACK TO SAVEPOINT nested_${inner.depth}`);
  }

  /** A body that waits for the server cannot help it. */
  protected override expired(body: Body): Error {
    const error = super.expired(body);
    return this.sessionOf(body).busy
      ? new DatabaseUnavailable(`the ${this.name} database does not answer`, false, error)
      : error;
  }

  /** Nothing when the primary has to answer: it has what a replica may lack, be it a new row or a new table. */
  private async readFrom(
    replica: Replica,
    sql: string,
    parameters: readonly unknown[],
  ): Promise<QueryResult | undefined> {
    try {
      return await alone(replica.pool, this.name, [sql, parameters]);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) return undefined;
      const { code } = error.cause as DriverError;
      if (code === TOO_LONG) throw error; // and it would take the primary as long
      if (code !== ALL_IN_USE) replica.eject();
      return undefined;
    }
  }

  private readPrimary(sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    return this.again(() => alone(this.pool, this.name, [sql, parameters], { repeatable: true }));
  }

  private sessionOf(body: Body): Session {
    return this.sessions.get(body.root)!;
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    const session = new Session(this.pool, this.name);
    const body = new Body(this);
    this.sessions.set(body, session);
    const value = await this.counted(async () => {
      try {
        const result = await this.runBody(body, work);
        await session.commit();
        return result;
      } catch (error) {
        const cause = session.doomed ?? error; // what the work makes of a lost connection is noise
        await session.rollback();
        throw cause;
      }
    });
    body.committed(this.guarded);
    return value;
  }

  private again<T>(attempt: () => Promise<T>): Promise<T> {
    return again(this.name, this.limitMs, attempt);
  }

  private async counted<T>(work: () => Promise<T>): Promise<T> {
    this.counts.transactions++;
    try {
      const value = await work();
      this.counts.commits++;
      this.replicas?.wrote();
      return value;
    } catch (error) {
      this.counts.rollbacks++;
      throw error;
    }
  }

  private async whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new Error(`the ${this.name} database is closed`);
    this.active++;
    try {
      return await work();
    } finally {
      if (--this.active === 0) this.onIdle?.();
    }
  }

  private async shut(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
      if (this.active === 0) resolve();
    });
    this.replicas?.close();
    this.pool.close();
    await this.source.destroy();
  }
}
