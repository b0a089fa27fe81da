import { Metrics } from '@nakku/observability';
import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** How many values are kept; the least recently used go first. */
const MAX_ENTRIES = 10_000;

interface Entry {
  value: unknown;
}

interface Flight {
  promise: Promise<unknown>;
  outdated: boolean;
}

/**
 * Values in memory, each with its time to live. Values are shared, not copied: treat them as read-only. Do not load inside a
 * transaction: what it sees may yet be rolled back.
 */
@Injectable()
export class Cache {
  private readonly entries: LRUCache<string, Entry>;
  private readonly flights = new Map<string, Flight>();
  private readonly hits;
  private readonly misses;

  constructor(metrics: Metrics, @Optional() maxEntries?: number) {
    this.entries = new LRUCache({ max: maxEntries ?? MAX_ENTRIES });
    this.hits = metrics.counter('cache_hits_total', 'Values found in the cache');
    this.misses = metrics.counter('cache_misses_total', 'Values not found in the cache');
  }

  /** The value of the key, loaded and kept for `ttlMs` milliseconds when absent. Concurrent callers share one load; its error is not kept. */
  async wrap<T>(key: string, ttlMs: number, load: () => Promise<T>): Promise<T> {
    const entry = this.find(key);
    if (entry) return entry.value as T;
    const flight = this.flights.get(key) ?? this.load(key, ttlMs, load);
    return flight.promise as Promise<T>;
  }

  /** The value of the key; undefined when absent or expired. */
  async get<T>(key: string): Promise<T | undefined> {
    return this.find(key)?.value as T | undefined;
  }

  /** Keeps a value for `ttlMs` milliseconds. */
  async set(key: string, value: unknown, ttlMs: number): Promise<void> {
    this.outdate(key);
    this.entries.set(key, { value }, { ttl: ttlMs });
  }

  /** Forgets a key. A load that is under way still answers its callers, but is not kept. */
  async delete(key: string): Promise<void> {
    this.outdate(key);
    this.entries.delete(key);
  }

  /** Forgets every key that starts with the prefix, and does not keep what is being loaded for one. */
  async deletePrefix(prefix: string): Promise<void> {
    for (const key of [...this.flights.keys()].filter((each) => each.startsWith(prefix))) this.outdate(key);
    for (const key of [...this.entries.keys()].filter((each) => each.startsWith(prefix))) this.entries.delete(key);
  }

  private find(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    (entry ? this.hits : this.misses).inc();
    return entry;
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
      const value = await load();
      if (!flight.outdated) this.entries.set(key, { value }, { ttl: ttlMs });
      return value;
    } finally {
      if (this.flights.get(key) === flight) this.flights.delete(key);
    }
  }

  /** Whoever asks after a change must not be given a load that began before it. */
  private outdate(key: string): void {
    const flight = this.flights.get(key);
    if (!flight) return;
    flight.outdated = true;
    this.flights.delete(key);
  }
}
