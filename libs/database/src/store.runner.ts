import { type ObjectLiteral, QueryFailedError } from 'typeorm';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import type { Connection, Statement } from './store.connection.js';

const MAX_STATEMENTS = 500;

interface Prepared {
  statement: Statement;
  /** Asking the binding for it costs a native call. */
  reader: boolean;
}

/** One connection with its prepared statements. */
export class Statements {
  private readonly prepared = new Map<string, Prepared>();

  constructor(readonly connection: Connection) {}

  run(sql: string, parameters: readonly unknown[]): QueryResult {
    const result = new QueryResult();
    try {
      const { statement, reader } = this.prepared.get(sql) ?? this.prepare(sql);
      const bound = parameters.map(bindable);
      if (reader) {
        result.records = result.raw = statement.all(bound);
      } else {
        const { changes, lastInsertRowid } = statement.run(bound);
        result.affected = changes;
        result.raw = lastInsertRowid;
      }
      return result;
    } catch (error) {
      throw new QueryFailedError(sql, [...parameters], error as Error);
    }
  }

  private prepare(sql: string): Prepared {
    if (this.prepared.size >= MAX_STATEMENTS) this.prepared.delete(this.prepared.keys().next().value!);
    const statement = this.connection.prepare(sql);
    const prepared = { statement, reader: statement.reader };
    this.prepared.set(sql, prepared);
    return prepared;
  }
}

const bindable = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : value === undefined ? null : value;

const READ = /^\s*(?:select|explain)\b/i;
const READ_WITH = /^\s*with\b(?![^]*\b(?:insert|update|delete|replace)\b)/i;

/** Whether a statement only reads; when in doubt it writes. */
export const isRead = (sql: string): boolean => READ.test(sql) || READ_WITH.test(sql);

/**
 * TypeORM's way to turn `:name` into `?`, but for one thing: its SQLite drivers write numbers into the text, so that every price makes
 * another statement to prepare. Here they are bound like the rest.
 */
export function bindParameters(sql: string, parameters: ObjectLiteral): [string, unknown[]] {
  const bound: unknown[] = [];
  const text = sql.replaceAll(/:(\.\.\.)?([A-Za-z0-9_.]+)/g, (whole, spread: string | undefined, name: string) => {
    if (!Object.hasOwn(parameters, name)) return whole;
    const value: unknown = parameters[name];
    if (typeof value === 'function') return String((value as () => unknown)());
    const values = spread ? (value as unknown[]) : [value];
    bound.push(...values.map((one) => (one instanceof Date ? one.toISOString() : one)));
    return values.map(() => '?').join(', ');
  });
  return [text, bound];
}

export type Execute = (sql: string, parameters: readonly unknown[]) => QueryResult | Promise<QueryResult>;

/** A TypeORM query runner that leaves to `execute` where a statement runs. It does not begin transactions: `Database.transaction()` does. */
export class RoutedRunner extends BetterSqlite3QueryRunner {
  constructor(
    driver: BetterSqlite3Driver,
    private readonly execute: Execute,
    inTransaction: boolean,
  ) {
    super(driver);
    this.isTransactionActive = inTransaction; // TypeORM's save() begins a transaction of its own where there is none
  }

  override query<T = unknown>(
    sql: string,
    parameters: unknown[] | undefined,
    useStructuredResult: true,
  ): Promise<QueryResult<T>>;
  override query<T = unknown>(sql: string, parameters?: unknown[], useStructuredResult?: false): Promise<T>;
  override async query(sql: string, parameters: unknown[] = [], useStructuredResult = false): Promise<unknown> {
    const result = await this.execute(sql, parameters);
    return useStructuredResult ? result : (result.raw as unknown);
  }

  override startTransaction(): Promise<void> {
    return Promise.reject(new Error('Write inside database.transaction(), not through TypeORM’s own transactions.'));
  }

  /** TypeORM asks for this only after a refused start; the base class would end the transaction of whoever is running. */
  override async commitTransaction(): Promise<void> {}

  override async rollbackTransaction(): Promise<void> {}

  override async release(): Promise<void> {}
}
