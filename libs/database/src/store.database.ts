import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';

/** What a running transaction knows of itself. */
export interface Body {
  readonly database: Database;
  readonly manager: EntityManager;
  /** How deep nested transactions are. */
  depth: number;
  /** Its work has settled: whatever still runs must not write any more. */
  over: boolean;
  afterCommit: (() => void)[];
}

export const bodies = new AsyncLocalStorage<Body>();

/** Whether this code runs inside the transaction of some database. */
export const inTransaction = (): boolean => bodies.getStore()?.over === false;

export interface TransactionOptions {
  /** Nobody waits for it: it may wait up to 50 ms to share somebody else's commit. */
  lazy?: boolean;
}

/** Counts since the store was opened: `commits` are fewer than `transactions` where they share one. */
export interface StoreStats {
  transactions: number;
  commits: number;
  rollbacks: number;
  longestBodyMs: number;
}

/** The store of one domain. */
export abstract class Database {
  constructor(readonly name: string) {}

  /** Inside `transaction()` that transaction's manager; outside one for reads, whose single writes are queued as transactions of their own. */
  abstract get manager(): EntityManager;

  /**
   * Runs `work` in one transaction; nested calls join it as savepoints. Resolves when the effect is durable, rejects with what `work` throws.
   * The embedded store runs one body at a time: a body that waits for something slow holds everybody.
   */
  abstract transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>;

  /** What the store has done since it was opened. */
  abstract stats(): StoreStats;

  /** Throws when the store does not answer. */
  abstract ping(): Promise<void>;

  /** Waits for what is queued, then closes. */
  abstract close(): Promise<void>;

  /** Runs `work` once the running transaction is durable, not at all when it is rolled back, at once when there is none. */
  afterCommit(work: () => void): void {
    const body = bodies.getStore();
    if (body && !body.over) body.afterCommit.push(work);
    else work();
  }
}

/** Whether a statement failed because a unique key exists already. */
export function isUniqueViolation(error: unknown): boolean {
  const { driverError } = error as { driverError?: { code?: string } };
  return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'ER_DUP_ENTRY'].includes(driverError?.code ?? '');
}
