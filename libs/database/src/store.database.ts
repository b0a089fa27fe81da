import type { EntityManager, EntitySchema, MigrationInterface, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { ServerOptions } from './server.options.js';
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
  /** The folder of the data files of embedded stores; made if it is missing. */
  dataDir: string;
  /** The server that has the tables; without it they are in a file of `dataDir`. */
  server?: ServerOptions;
  /**
   * An embedded store may be open in its process meanwhile: then it is shared with it, for a few short transactions. For commands of operators; what
   * the process keeps in memory does not hear of them.
   */
  guest?: boolean;
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
  /** How many transactions wait for their turn, or for a connection, at this moment. */
  queued: number;
  /** How many replicas there are, and how many of them are asked at this moment. */
  replicas?: { all: number; well: number };
}

/** How a replica of a store is. */
export interface ReplicaState {
  /** `host:port` */
  address: string;
  /** Whether it is asked at this moment. */
  used: boolean;
  /** How far it was behind a moment ago, at most, in milliseconds; undefined when it does not answer. */
  lagMs?: number;
}

/** The store of one domain. */
export abstract class Database {
  /** Whether other processes may use the same tables: then nothing is known that is not read, and rows that must not change are locked. */
  abstract readonly shared: boolean;

  constructor(readonly name: string) {}

  /** Inside `transaction()` that transaction's manager; outside one for reads, whose single writes are queued as transactions of their own. */
  abstract get manager(): EntityManager;

  /**
   * Runs `work` in one transaction (READ COMMITTED on a server); nested calls join it as savepoints. Resolves when the effect is durable,
   * rejects with what `work` throws. The embedded store runs one body at a time: a body that waits for something slow holds everybody.
   * A server may have it run again, after a deadlock or when the connection was lost before the commit, so `work` must be repeatable: all
   * that it does outside the database belongs into `afterCommit`. With DATABASE_UNAVAILABLE it has no effect, unless the connection was
   * lost during the commit itself: then nobody knows.
   * Work that a body has started without awaiting it may not write through it when it is over; a transaction that it begins then is one of its own.
   */
  abstract transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>;

  /** Locks the rows that `query` finds until the transaction ends, so that what was read stays true. Outside of one it throws. */
  forUpdate<T extends ObjectLiteral>(query: SelectQueryBuilder<T>): SelectQueryBuilder<T> {
    if (Body.running()?.owner !== this) throw new Error('rows are locked inside database.transaction() only');
    return this.locked(query);
  }

  /** Throws when the store does not answer. */
  abstract ping(): Promise<void>;

  /** Waits for what is queued, then closes. */
  abstract close(): Promise<void>;

  /** The replicas that reads may go to; none in an embedded store. */
  replicaStates(): ReplicaState[] {
    return [];
  }

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

  protected abstract locked<T extends ObjectLiteral>(query: SelectQueryBuilder<T>): SelectQueryBuilder<T>;

  protected foreignError({ owner }: Body): Error {
    const other = owner instanceof Database ? owner.name : 'another domain';
    return new Error(
      `${this.name} was to be written inside a transaction of ${other}: two stores cannot commit together`,
    );
  }
}

/** Whether this code runs inside the transaction of some database. */
export const inTransaction = (): boolean => Body.within();
