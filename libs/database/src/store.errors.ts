/** The server cannot be reached, or was lost, or has no connection free: whoever asked may try again later (503). */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'DATABASE_UNAVAILABLE';

  /** `again`: nothing has happened, and the next try may find another connection. */
  constructor(
    message: string,
    readonly again: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Whether a statement failed because a unique key exists already. */
export function isUniqueViolation(error: unknown): boolean {
  const code = driverErrorOf(error)?.code;
  return code !== undefined && UNIQUE_VIOLATIONS.has(code);
}

const UNIQUE_VIOLATIONS = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'ER_DUP_ENTRY']);

/** What a driver says about an error. `fatal`: its connection is gone. */
export interface DriverError extends Error {
  code?: string;
  errno?: number;
  fatal?: boolean;
}

/** The error of the driver beneath TypeORM's. */
export const driverErrorOf = (error: unknown): DriverError | undefined =>
  ((error ?? {}) as { driverError?: DriverError }).driverError;

/** The server has undone the transaction, or refuses to wait, because of others: run again it may well succeed. */
const CONFLICTS = new Set([
  1205, // ER_LOCK_WAIT_TIMEOUT
  1213, // ER_LOCK_DEADLOCK
  3101, // ER_TRANSACTION_ROLLBACK_DURING_COMMIT (group replication)
  8002, // TiDB: a commit conflict, rolled back
  8022, // TiDB: the commit failed, rolled back
  8028, // TiDB: the schema has changed meanwhile
  9007, // TiDB: write conflict
]);

/** What a server says when it goes down, throws us out, or has become one that may not be written. */
const LOSSES = new Set([
  1053, // ER_SERVER_SHUTDOWN
  1290, // ER_OPTION_PREVENTS_STATEMENT (read-only)
  1317, // ER_QUERY_INTERRUPTED
  1792, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836, // ER_READ_ONLY_MODE
  1927, // ER_CONNECTION_KILLED (MariaDB)
  3169, // ER_SESSION_WAS_KILLED
  4031, // ER_CLIENT_INTERACTION_TIMEOUT
]);

/** How a statement's failure reaches beyond the statement: `conflict` and `lost` both end its transaction. */
export function fateOf({ errno, fatal }: DriverError): 'conflict' | 'lost' | undefined {
  if (fatal || (errno !== undefined && LOSSES.has(errno))) return 'lost';
  return errno !== undefined && CONFLICTS.has(errno) ? 'conflict' : undefined;
}

/** Whether the same work may well succeed when it is run again, and has left nothing behind. */
export function isRepeatable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable) return error.again;
  const driverError = driverErrorOf(error);
  return driverError !== undefined && fateOf(driverError) === 'conflict';
}
