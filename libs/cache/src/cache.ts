import { Metrics } from '@nakku/observability';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { createCache, type Cache as Manager } from 'cache-manager';
import type { CacheableMemory } from 'cacheable';
import { levels } from './cache.levels.js';
import { type Reading, SharedLevel } from './cache.shared.js';
import { RedisConnection } from './redis.connection.js';

interface Flight {
  promise: Promise<unknown>;
  outdated: boolean;
}

/**
 * Values with a time to live, in memory and, if Redis is configured, behind it there for all processes. Names of keys have parts with colons
 * between them, the domain first: `product:in-stock:<store>`. Values must be plain JSON, and whoever changes their shape changes the key, because
 * during an upgrade both builds read it. Values from memory are shared, not copied: treat them as read-only. Do not load inside a transaction:
 * what it sees may yet be rolled back.
 *
 * After a deletion this process finds the old value no more, and the others no more as soon as they hear of it: within milliseconds, within 5 s
 * if the message was lost, within a second while Redis is gone. A process that is cut off from Redis deletes there when it is back.
 */
@Injectable()
export class Cache {
  private readonly memory: CacheableMemory;
  private readonly shared?: SharedLevel;
  private readonly flights = new Map<string, Flight>();
  private changes = 0;
  private readonly hits;
  private readonly sharedHits;
  private readonly misses;

  constructor(
    metrics: Metrics,
    @Optional() @Inject(CACHE_MANAGER) manager: Manager = createCache({ stores: levels() }),
    @Optional() redis?: RedisConnection,
  ) {
    const [first, second] = manager.stores;
    this.memory = first?.store as CacheableMemory;
    if (redis && second) {
      const forgetPrefix = (prefix: string) => this.forgetPrefix(prefix);
      this.shared = new SharedLevel(redis, second, { forget: (key) => this.forget(key), forgetPrefix });
    }
    this.hits = metrics.counter('cache_hits_total', 'Values found in the cache');
    this.sharedHits = metrics.counter('cache_redis_hits_total', 'Values found in Redis and not in memory');
    this.misses = metrics.counter('cache_misses_total', 'Values not found in the cache');
  }

  /** The value of the key, loaded and kept for `ttlMs` milliseconds when absent. Concurrent callers share one load; its error is not kept. */
  async wrap<T>(key: string, ttlMs: number, load: () => Promise<T>): Promise<T> {
    const entry = this.find(key);
    if (entry) return entry.value as T;
    const flight = this.flights.get(key);
    if (flight) this.misses.inc();
    return (flight ?? this.load(key, ttlMs, load)).promise as Promise<T>;
  }

  /** The value of the key; undefined when absent or expired. */
  async get<T>(key: string): Promise<T | undefined> {
    const entry = this.find(key);
    if (entry) return entry.value as T;
    const { changes } = this;
    const reading = await this.readShared(key);
    if (!reading?.hit) return undefined;
    const { value, expiresAt } = reading.hit;
    if (changes === this.changes) this.keep(key, value, expiresAt - Date.now());
    return value as T;
  }

  /** Keeps a value for `ttlMs` milliseconds, in place of what any process has. */
  async set(key: string, value: unknown, ttlMs: number): Promise<void> {
    this.forget(key);
    this.keep(key, value, ttlMs);
    await this.shared?.delete({ key });
    const reading = await this.shared?.read(key);
    if (reading) await this.shared?.write(reading, value, ttlMs);
  }

  /** Forgets a key. A load that is under way still answers its callers, but is not kept. */
  async delete(key: string): Promise<void> {
    this.forget(key);
    await this.shared?.delete({ key });
  }

  /** Forgets every key that starts with the prefix, and does not keep what is being loaded for one. It ends in a colon, or is empty for all keys. */
  async deletePrefix(prefix: string): Promise<void> {
    if (!/^(.*:)?$/s.test(prefix)) throw new Error(`"${prefix}" is not a prefix of whole parts: end it with a colon`);
    this.forgetPrefix(prefix);
    await this.shared?.delete({ prefix });
  }

  private find(key: string): { value?: unknown } | undefined {
    const entry = this.memory.get<{ value?: unknown }>(key);
    if (entry) this.hits.inc();
    return entry;
  }

  private async readShared(key: string): Promise<Reading | undefined> {
    const reading = await this.shared?.read(key);
    (reading?.hit ? this.hits : this.misses).inc();
    if (reading?.hit) this.sharedHits.inc();
    return reading;
  }

  private keep(key: string, value: unknown, ttlMs: number): void {
    const ms = Math.min(ttlMs, this.shared?.memoryMs ?? Infinity);
    if (ms > 0) this.memory.set(key, { value }, ms);
  }

  private load(key: string, ttlMs: number, load: () => Promise<unknown>): Flight {
    const flight: Flight = { promise: Promise.resolve(), outdated: false };
    flight.promise = this.land(flight, key, ttlMs, load);
    this.flights.set(key, flight);
    return flight;
  }

  private async land(flight: Flight, key: string, ttlMs: number, load: () => Promise<unknown>): Promise<unknown> {
    // Yields once, so that the flight is registered before even a load that throws at once can end it.
    await Promise.resolve();
    try {
      const reading = await this.readShared(key);
      const { value, expiresAt } = reading?.hit ?? { value: await load(), expiresAt: Infinity };
      if (flight.outdated) return value;
      this.keep(key, value, Math.min(ttlMs, expiresAt - Date.now()));
      if (reading && !reading.hit) void this.shared?.write(reading, value, ttlMs);
      return value;
    } finally {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    }
  }

  private forget(key: string): void {
    this.changes++;
    this.outdate(key);
    this.memory.delete(key);
  }

  private forgetPrefix(prefix: string): void {
    this.changes++;
    for (const key of [...this.flights.keys()].filter((each) => each.startsWith(prefix))) this.outdate(key);
    this.memory.deleteMany([...this.memory.keys].filter((each) => each.startsWith(prefix)));
  }

  /** Whoever asks after a change must not be given a load that began before it. */
  private outdate(key: string): void {
    const flight = this.flights.get(key);
    if (!flight) return;
    flight.outdated = true;
    this.flights.delete(key);
  }
}
