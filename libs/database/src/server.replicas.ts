import { activeContext, traceIdOf } from '@nakku/observability';
import { type Beat, beat, lagOf } from './server.heartbeat.js';
import { connectionOf } from './server.link.js';
import type { Address, ServerOptions } from './server.options.js';
import type { Pool } from './server.pool.js';
import { Probe } from './server.probe.js';
import { poolOf, SESSION } from './server.source.js';
import type { ReplicaState } from './store.database.js';

const TICK_MS = 1000;
const LIMIT_MS = 1000;
/** Rather than wait for a busy replica a read goes to the primary. */
const WAIT_MS = 500;
const MAX_LAG_MS = 2000;
/** No request lasts longer. */
const WRITER_MS = 60_000;

/** A copy of the database that answers reads while it lives and keeps up. */
export class Replica {
  readonly pool: Pool;
  private readonly probe: Probe;
  /** How far it was behind when it was last asked, at most, in milliseconds; undefined: it did not say. */
  lagMs?: number;
  private well = false;
  private looking = false;

  constructor(
    readonly address: Address,
    server: ServerOptions,
  ) {
    this.pool = poolOf({ ...server, waitMs: WAIT_MS }, address);
    this.probe = new Probe(connectionOf(address, server, server), SESSION);
  }

  get healthy(): boolean {
    return this.well;
  }

  /** Out until the next look finds it well. */
  eject(): void {
    this.well = false;
    this.lagMs = undefined;
  }

  /** Looks after it. `primary` is undefined while that is gone: then nothing new is written, and a replica that lives serves as before. */
  async look(primary: Beat | undefined, maxLagMs: number): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      if (primary) {
        this.lagMs = await this.probe.ask((link) => lagOf(link, primary, LIMIT_MS));
        this.well = this.lagMs <= maxLagMs;
      } else await this.probe.ask((link) => link.run('DO 0', [], LIMIT_MS));
    } catch {
      this.eject();
      this.pool.reset(); // whoever waits for it is answered by the primary
    } finally {
      this.looking = false;
    }
  }

  close(): void {
    this.pool.close();
    this.probe.close();
  }
}

/**
 * The replicas of a primary. Who reads whether one is asked at all is decided by the context (`reads: 'replica'`). A user keeps to one
 * replica while that is well, so that what was read once does not vanish from the next page.
 */
export class Replicas {
  private readonly replicas: Replica[];
  private readonly primary: Probe;
  private readonly maxLagMs: number;
  private readonly timer: NodeJS.Timeout;
  /** The requests that have written, each with when that no longer matters; in this order. */
  private readonly writers = new Map<string, number>();
  private looking = false;
  /** Whether the primary did so when it was last looked at. */
  primaryAnswers = true;

  constructor(server: ServerOptions) {
    this.replicas = (server.replicas ?? []).map((address) => new Replica(address, server));
    this.primary = new Probe(connectionOf(server, server, server), SESSION);
    this.maxLagMs = server.replicaMaxLagMs ?? MAX_LAG_MS;
    this.timer = setInterval(() => void this.look(), TICK_MS).unref();
    void this.look();
  }

  /** How many there are, and how many of them are asked. */
  get counts(): { all: number; well: number } {
    return { all: this.replicas.length, well: this.replicas.filter((replica) => replica.healthy).length };
  }

  /** Each with how it is. */
  get states(): ReplicaState[] {
    return this.replicas.map(({ address: { host, port }, healthy, lagMs }) => ({
      address: `${host}:${port}`,
      used: healthy,
      lagMs,
    }));
  }

  /** The replica that answers the running work's reads; undefined: the primary does. */
  choose(): Replica | undefined {
    const context = activeContext();
    if (context?.reads !== 'replica' || this.writers.has(context.requestId)) return undefined;
    const key = context.actor?.id ?? traceIdOf(context);
    let chosen: Replica | undefined;
    let best = -1;
    for (const [index, replica] of this.replicas.entries()) {
      const weight = replica.healthy ? hash(`${index}:${key}`) : -1;
      if (weight > best) [chosen, best] = [replica, weight];
    }
    return chosen;
  }

  /** The running work has written: what it reads from now on must have that in it. */
  wrote(): void {
    const context = activeContext();
    if (!context?.reads) return;
    const now = performance.now();
    this.writers.delete(context.requestId);
    this.writers.set(context.requestId, now + WRITER_MS);
    for (const [id, until] of this.writers) {
      if (until > now) break;
      this.writers.delete(id);
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.primary.close();
    for (const replica of this.replicas) replica.close();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const primary = await this.primary.ask((link) => beat(link, LIMIT_MS)).catch(() => undefined);
    this.looking = false;
    this.primaryAnswers = primary !== undefined;
    for (const replica of this.replicas) void replica.look(primary, this.maxLagMs);
  }
}

/** FNV-1a, 32 bits: the replica with the highest of its own is a user's (rendezvous hashing), so that losing one moves only its users. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
