import { QueryFailedError } from 'typeorm';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';

/** A statement of the SQLite binding. */
interface Statement {
  reader: boolean;
  all(parameters: unknown[]): unknown[];
  run(parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

/** A connection of the SQLite binding. */
export interface Connection {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  pragma(text: string): unknown;
  close(): void;
}

const MAX_STATEMENTS = 500;

/** One connection with its prepared statements. */
export class Statements {
  private readonly prepared = new Map<string, { statement: Statement; reads: boolean }>();

  constructor(readonly connection: Connection) {}

  run(sql: string, parameters: readonly unknown[]): QueryResult {
    const result = new QueryResult();
    try {
      const { statement, reads } = this.prepare(sql);
      const bound = parameters.map(bindable);
      if (reads) {
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

  private prepare(sql: string): { statement: Statement; reads: boolean } {
    const known = this.prepared.get(sql);
    if (known) return known;
    if (this.prepared.size >= MAX_STATEMENTS) this.prepared.delete(this.prepared.keys().next().value!);
    const statement = this.connection.prepare(sql);
    const entry = { statement, reads: statement.reader };
    this.prepared.set(sql, entry);
    return entry;
  }
}

const bindable = (value: unknown): unknown =>
  typeof value === 'boolean' ? Number(value) : value === undefined ? null : value;

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

  override async startTransaction(): Promise<void> {
    if (!this.isTransactionActive)
      throw new Error('Write inside database.transaction(), not through TypeORM’s own transactions.');
  }

  override async commitTransaction(): Promise<void> {}

  override async release(): Promise<void> {}
}
