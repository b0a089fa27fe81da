import type { ConnectionOptions } from 'mysql2';
import { Link, type LinkOwner } from './server.link.js';

/** How a pool connects, how large it grows and how long a caller waits, in milliseconds. */
export interface PoolOptions {
  connection: ConnectionOptions;
  setup: readonly string[];
  size: number;
  waitMs: number;
  /** How long connecting may take, in milliseconds. 5000 without it. */
  connectMs?: number;
  /** After how long a connection that nobody needs is closed, before something between here and the server forgets it. 60 s without it. */
  idleMs?: number;
}

interface Waiter {
  resolve: (link: Link) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

const IDLE_MS = 60_000;

/** The code of the error that says that all connections were in use: the server itself may be well. */
export const ALL_IN_USE = 'ALL_CONNECTIONS_IN_USE';

/**
 * The connections to one server. The driver's own pool has no bound for waiting, and hands a connection out before its session is set up.
 * A lost connection leaves it at once and is replaced when somebody needs one: so it recovers by itself after the server did.
 */
export class Pool implements LinkOwner {
  /** When a statement was last answered, by the process's clock in milliseconds. */
  answeredAt = -Infinity;
  private readonly idle: Link[] = [];
  private readonly all = new Set<Link>();
  private readonly waiters = new Set<Waiter>();
  private readonly trimmer: NodeJS.Timeout;
  private opening = 0;
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    const idleMs = options.idleMs ?? IDLE_MS;
    this.trimmer = setInterval(() => this.trim(performance.now() - idleMs), idleMs / 4).unref();
  }

  /** How many callers wait for a connection. */
  get queued(): number {
    return this.waiters.size;
  }

  /** How many connections there are. */
  get size(): number {
    return this.all.size;
  }

  /** A connection, which the caller must release. Rejects when none can be opened, and when none comes free in time. */
  async acquire(): Promise<Link> {
    if (this.closed) throw new Error('the pool is closed');
    return this.idle.pop() ?? (this.full ? this.wait() : this.open());
  }

  /** Gives a connection back, or what is left of it. */
  release(link: Link): void {
    if (link.lost) return;
    if (this.closed) return link.end();
    const [waiter] = this.waiters;
    if (waiter) return this.answer(waiter).resolve(link);
    link.idleSince = performance.now();
    this.idle.push(link);
  }

  /** Hangs up on everything, and goes on; for a server that does not answer any more. */
  reset(): void {
    for (const link of this.all) link.destroy();
  }

  /** Ends what is idle, and each other connection when it is released. */
  close(): void {
    this.closed = true;
    clearInterval(this.trimmer);
    for (const waiter of this.waiters) this.answer(waiter).reject(new Error('the pool is closed'));
    for (const link of this.idle.splice(0)) link.end();
  }

  lost(link: Link): void {
    if (!this.all.delete(link)) return;
    const at = this.idle.indexOf(link);
    if (at >= 0) this.idle.splice(at, 1);
    this.serveNext();
  }

  answered(): void {
    this.answeredAt = performance.now();
  }

  private get full(): boolean {
    return this.all.size + this.opening >= this.options.size;
  }

  private async open(): Promise<Link> {
    this.opening++;
    try {
      const { connection, setup, connectMs } = this.options;
      const link = await Link.open(connection, setup, this, connectMs);
      this.all.add(link);
      return link;
    } finally {
      this.opening--;
      this.serveNext();
    }
  }

  private wait(): Promise<Link> {
    return new Promise((resolve, reject) => {
      const { waitMs } = this.options;
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        reject(Object.assign(new Error(`no connection came free within ${waitMs} ms`), { code: ALL_IN_USE }));
      }, waitMs);
      const waiter: Waiter = { resolve, reject, timer };
      this.waiters.add(waiter);
    });
  }

  private answer(waiter: Waiter): Waiter {
    this.waiters.delete(waiter);
    clearTimeout(waiter.timer);
    return waiter;
  }

  /** Whoever waits for a connection that will not come back gets one of his own, or learns why there is none. */
  private serveNext(): void {
    const [waiter] = this.waiters;
    if (!waiter || this.closed || this.full) return;
    this.answer(waiter);
    this.open().then(waiter.resolve, waiter.reject);
  }

  /** The last that came is the first that goes, so those at the front have been idle for longest. */
  private trim(before: number): void {
    while (this.idle[0] && this.idle[0].idleSince < before) this.idle.shift()!.end();
  }
}
