import { MysqlQueryRunner } from 'typeorm/driver/mysql/MysqlQueryRunner.js';
import type { MysqlDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import type { Execute } from './store.runner.js';

/** A TypeORM query runner that leaves to `execute` where a statement runs. By it TypeORM may begin transactions: migrations do. */
export class ServerRunner extends MysqlQueryRunner {
  constructor(
    driver: MysqlDriver,
    private readonly execute: Execute,
  ) {
    super(driver, 'master');
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

  override async release(): Promise<void> {}
}

/** The same for a running store: transactions begin by `Database.transaction()`. */
export class RoutedServerRunner extends ServerRunner {
  constructor(driver: MysqlDriver, execute: Execute, inTransaction: boolean) {
    super(driver, execute);
    this.isTransactionActive = inTransaction; // TypeORM's save() begins a transaction of its own where there is none
  }

  override startTransaction(): Promise<void> {
    return Promise.reject(new Error('Write inside database.transaction(), not through TypeORM’s own transactions.'));
  }

  /** TypeORM asks for this only after a refused start. */
  override async commitTransaction(): Promise<void> {}

  override async rollbackTransaction(): Promise<void> {}
}
