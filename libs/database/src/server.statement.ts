import { QueryFailedError } from 'typeorm';
import { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import type { Answer, Link } from './server.link.js';
import type { Pool } from './server.pool.js';
import { DatabaseUnavailable, type DriverError, fateOf } from './store.errors.js';

const STATEMENT_MS = 30_000;

/** A driver's answer in TypeORM's words. */
export function resultOf(answer: Answer): QueryResult {
  const result = new QueryResult();
  result.raw = answer;
  if (Array.isArray(answer)) result.records = answer;
  else result.affected = answer.affectedRows;
  return result;
}

/** A connection of the database `name`, or DATABASE_UNAVAILABLE. */
export const linkOf = (pool: Pool, name: string): Promise<Link> =>
  pool.acquire().catch((error: unknown) => {
    throw new DatabaseUnavailable(`the ${name} database cannot be reached`, false, error);
  });

/** How a statement runs alone. `repeatable`: it only reads, so nobody is hurt by asking again. */
export interface AloneOptions {
  repeatable?: boolean;
  limitMs?: number;
}

/** Runs one statement outside a transaction, on whichever connection is free. */
export async function alone(
  pool: Pool,
  name: string,
  [sql, parameters]: readonly [string, readonly unknown[]],
  { repeatable = false, limitMs = STATEMENT_MS }: AloneOptions = {},
): Promise<QueryResult> {
  const link = await linkOf(pool, name);
  try {
    return resultOf(await link.run(sql, parameters, limitMs));
  } catch (error) {
    throw fateOf(error as DriverError) === 'lost'
      ? new DatabaseUnavailable(`the ${name} database was lost`, repeatable, error)
      : new QueryFailedError(sql, [...parameters], error as Error);
  } finally {
    pool.release(link);
  }
}
