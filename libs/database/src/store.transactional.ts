import type { EntityManager } from 'typeorm';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import { Body, overError } from './store.body.js';
import { Database, type OpenOptions } from './store.database.js';
import { type Execute, isRead } from './store.runner.js';

const SLOW_MS = 1000;
const MAX_BODY_MS = 30_000;

/** What every store does with the bodies of transactions, wherever their statements run. */
export abstract class TransactionalDatabase extends Database {
  protected longestBodyMs = 0;
  protected abstract readonly writing: EntityManager;
  protected abstract readonly reading: EntityManager;

  constructor(protected readonly options: OpenOptions) {
    super(options.name);
  }

  get manager(): EntityManager {
    return Body.running()?.owner === this ? this.writing : this.reading;
  }

  /** Runs a statement of the transaction that `body` belongs to. */
  protected abstract write(body: Body, sql: string, parameters: readonly unknown[]): QueryResult | Promise<QueryResult>;

  /** Runs a statement that reads, outside a transaction. */
  protected abstract read(sql: string, parameters: readonly unknown[]): QueryResult | Promise<QueryResult>;

  /** Runs a statement that writes, as a transaction of its own. */
  protected abstract writeAlone(sql: string, parameters: readonly unknown[]): Promise<QueryResult>;

  protected abstract savepoint(inner: Body): void | Promise<void>;
  protected abstract keepNested(inner: Body): void | Promise<void>;
  protected abstract undoNested(inner: Body): void | Promise<void>;

  /** How long a body may run, in milliseconds. */
  protected get limitMs(): number {
    return this.options.maxBodyMs ?? MAX_BODY_MS;
  }

  protected async runBody<T>(body: Body, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        body.abandon();
        reject(this.expired(body));
      }, this.limitMs);
    });
    try {
      return await Promise.race([body.run(work), expired]);
    } finally {
      clearTimeout(timer);
      this.measure(performance.now() - startedAt);
    }
  }

  /** Runs what others have registered: an error of theirs must not look like one of the transaction, which has its outcome. */
  protected readonly guarded = (hook: () => void): void => {
    try {
      hook();
    } catch (error) {
      if (this.options.onHookError) this.options.onHookError(error);
      else process.emitWarning(error instanceof Error ? error : String(error));
    }
  };

  protected async nest<T>(around: Body, work: () => Promise<T>): Promise<T> {
    if (around.owner !== this) throw this.foreignError(around);
    return around.nest((inner) => this.runNested(around, inner, work));
  }

  /** A statement on the manager of a transaction. */
  protected readonly inBody: Execute = (sql, parameters) => {
    const body = Body.running();
    if (body?.owner !== this) throw overError();
    return body.busy ? this.afterNested(body, sql, parameters) : this.write(body, sql, parameters);
  };

  /** A statement outside a transaction. */
  protected readonly outside: Execute = (sql, parameters) => {
    const body = Body.running();
    if (body?.owner === this) {
      throw new Error(
        'inside a transaction use database.manager: another manager would wait for this very transaction',
      );
    }
    if (isRead(sql)) return this.read(sql, parameters);
    if (body) throw this.foreignError(body);
    if (Body.leftBehind()) throw overError();
    return this.writeAlone(sql, parameters);
  };

  protected expired(_body: Body): Error {
    return new Error(`a transaction of ${this.name} was rolled back: its work did not end within ${this.limitMs} ms`);
  }

  private measure(ms: number): void {
    if (ms > this.longestBodyMs) this.longestBodyMs = ms;
    if (ms > SLOW_MS) this.guarded(() => this.options.onSlow?.({ database: this.name, ms }));
  }

  private async runNested<T>(around: Body, inner: Body, work: () => Promise<T>): Promise<T> {
    await this.savepoint(inner);
    try {
      const value = await inner.run(work);
      if (!around.open) throw overError();
      await this.keepNested(inner);
      return value;
    } catch (error) {
      if (around.open) await this.undoNested(inner);
      throw error;
    }
  }

  private async afterNested(body: Body, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
    while (body.busy) await body.busy;
    if (!body.open) throw overError();
    return this.write(body, sql, parameters);
  }
}
