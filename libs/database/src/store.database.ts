import type { EntityManager, EntitySchema, MigrationInterface } from 'typeorm';
import { Body, overError } from './store.body.js';

/** A migration: `class AddStreet1700000000012`, whose last 13 characters are the milliseconds that order it among the others. */
export type MigrationClass = new () => MigrationInterface;

/** An entity class, or a schema in its place. */
export type EntityClass = (abstract new (...args: never[]) => object) | EntitySchema;

/** What opens a domain's store. */
export interface OpenOptions {
  /** The domain; names the file. */
  name: string;
  entities: EntityClass[];
  migrations: MigrationClass[];
  /** The folder of the data files; made if it is missing. */
  dataDir: string;
  /** Told of each body that took longer than one second, in the context of whoever ran it. */
  onSlow?: (body: { database: string; ms: number }) => void;
  /** Told what an `afterCommit` hook, or `onSlow`, throws; without it that is a process warning. */
  onHookError?: (error: unknown) => void;
  /** After how many milliseconds a body that does not end is rolled back, because it holds everybody. 30,000 without it. */
  maxBodyMs?: number;
}

export interface TransactionOptions {
  /** Nobody waits for it: it may wait up to 50 ms to share somebody else's commit. Means nothing in a nested transaction. */
  lazy?: boolean;
}

/** What a store has done since it was opened. */
export interface StoreStats {
  transactions: number;
  /** Fewer than `transactions` where they share commits. */
  commits: number;
  rollbacks: number;
  longestBodyMs: number;
  /** How many transactions wait for their turn at this moment. */
  queued: number;
}

/** The store of one domain. */
export abstract class Database {
  constructor(readonly name: string) {}

  /** Inside `transaction()` that transaction's manager; outside one for reads, whose single writes are queued as transactions of their own. */
  abstract get manager(): EntityManager;

  /**
   * Runs `work` in one transaction; nested calls join it as savepoints. Resolves when the effect is durable, rejects with what `work` throws.
   * The embedded store runs one body at a time: a body that waits for something slow holds everybody.
   * Work that a body has started without awaiting it may not write through it when it is over; a transaction that it begins then is one of its own.
   */
  abstract transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>;

  /** Throws when the store does not answer. */
  abstract ping(): Promise<void>;

  /** Waits for what is queued, then closes. */
  abstract close(): Promise<void>;

  /** Counts of transactions, commits and rollbacks, and milliseconds of the longest body. */
  abstract stats(): StoreStats;

  /**
   * Runs `work` once the running transaction is durable, in the order of commits; not at all when it, or the nested one that asked, is rolled back;
   * at once when there is none. Throws in the transaction of another store and in a nested one that is over.
   */
  afterCommit(work: () => void): void {
    const body = Body.running();
    if (body && body.owner !== this) throw this.foreignError(body);
    if (body) return body.afterCommit(work);
    if (inTransaction()) throw overError();
    work();
  }

  protected foreignError({ owner }: Body): Error {
    const other = owner instanceof Database ? owner.name : 'another domain';
    return new Error(
      `${this.name} was to be written inside a transaction of ${other}: two stores cannot commit together`,
    );
  }
}

/** Whether this code runs inside the transaction of some database. */
export const inTransaction = (): boolean => Body.within();

/** Whether a statement failed because a unique key exists already. */
export function isUniqueViolation(error: unknown): boolean {
  const { driverError } = (error ?? {}) as { driverError?: { code?: string } };
  return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'ER_DUP_ENTRY'].includes(driverError?.code ?? '');
}
