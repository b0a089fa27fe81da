import { CoreSettings } from '@nakku/config';
import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';
import type { RedisClient } from './redis.client.js';
import { RedisConnection } from './redis.connection.js';

/** How many `points` may be used in a window of `durationSeconds`. `always`: holds even with RATE_LIMITS=off. */
export interface Limit {
  points: number;
  durationSeconds: number;
  always?: boolean;
}

/** Where a key stands: whether it may go on, out of how many, how many are left, and in how many seconds the window ends. */
export interface LimitState {
  allowed: boolean;
  limit: number;
  remaining: number;
  resetSeconds: number;
}

/** How many keys one limit counts in memory; the one idle for longest is forgotten first. */
const MAX_KEYS = 50_000;

interface Counter {
  memory: RateLimiterMemory;
  keys: LRUCache<string, true>;
  shared?: RateLimiterRedis;
}

/**
 * Counts uses by limit name and key (an account, an address) in fixed windows: in Redis for all processes together, in windows of whole seconds,
 * or, while that is gone or where it is not configured, in each process for itself. Never throws for a used-up limit.
 */
@Injectable()
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();

  constructor(
    private readonly core: CoreSettings,
    @Optional() private readonly redis?: RedisConnection,
    @Optional() private readonly maxKeys?: number,
  ) {}

  /** Uses one point. Not allowed once more than `points` were used in the window. */
  async consume(name: string, key: string, limit: Limit): Promise<LimitState> {
    if (this.lifted(limit)) return untouched(limit);
    const { memory, keys, shared } = this.counter(name);
    const customDuration = Math.max(1, Math.ceil(limit.durationSeconds));
    let used = await this.ask(shared, (limiter) => limiter.penalty(key, 1, { customDuration }));
    if (!used) {
      keys.set(key, true);
      used = await memory.penalty(key, 1, { customDuration: limit.durationSeconds });
    }
    return state(used, limit, used.consumedPoints <= limit.points);
  }

  /** Tells whether the next use would be allowed, and uses nothing. */
  async peek(name: string, key: string, limit: Limit): Promise<LimitState> {
    const used = this.lifted(limit) ? null : await this.used(name, key);
    if (!used || used.msBeforeNext <= 0) return untouched(limit);
    return state(used, limit, used.consumedPoints < limit.points);
  }

  /** Gives one point back, for a use that turned out not to count. */
  async refund(name: string, key: string): Promise<void> {
    const { memory, shared } = this.counter(name);
    const give = async (limiter: RateLimiterAbstract) => {
      const used = await limiter.get(key);
      if (used && used.consumedPoints > 0) await limiter.reward(key, 1);
      return true;
    };
    if (!(await this.ask(shared, give))) await give(memory);
  }

  /** Forgets what a key has used. */
  async reset(name: string, key: string): Promise<void> {
    const { keys, shared } = this.counter(name);
    keys.delete(key);
    await this.ask(shared, (limiter) => limiter.delete(key));
  }

  private lifted(limit: Limit): boolean {
    return this.core.RATE_LIMITS === 'off' && !limit.always;
  }

  private async used(name: string, key: string): Promise<RateLimiterRes | null> {
    const { memory, shared } = this.counter(name);
    const used = await this.ask(shared, (limiter) => limiter.get(key));
    return used === undefined ? memory.get(key) : used;
  }

  /** Undefined when Redis does not answer, or there is none. */
  private async ask<T>(
    shared: RateLimiterRedis | undefined,
    question: (limiter: RateLimiterRedis) => Promise<T>,
  ): Promise<T | undefined> {
    return shared && this.redis?.attempt(() => question(shared));
  }

  private counter(name: string): Counter {
    const known = this.counters.get(name);
    if (known) return known;
    const counter = newCounter(name, this.maxKeys ?? MAX_KEYS, this.redis?.client);
    this.counters.set(name, counter);
    return counter;
  }
}

/** The library keeps every key until its window ends, so a flood of made-up keys would fill the memory: the list of keys is bounded. */
function newCounter(name: string, max: number, storeClient?: RedisClient): Counter {
  // The points are compared here, so that one name can serve limits that change.
  const options = { points: Number.MAX_SAFE_INTEGER, duration: 1 };
  const memory = new RateLimiterMemory(options);
  const keys = new LRUCache<string, true>({ max, dispose: (_, key) => void memory.delete(key) });
  if (!storeClient) return { memory, keys };
  return { memory, keys, shared: new RateLimiterRedis({ ...options, storeClient, keyPrefix: `limit:${name}` }) };
}

function untouched({ points, durationSeconds }: Limit): LimitState {
  return { allowed: points > 0, limit: points, remaining: points, resetSeconds: durationSeconds };
}

function state(used: RateLimiterRes, { points }: Limit, allowed: boolean): LimitState {
  return {
    allowed,
    limit: points,
    remaining: Math.max(points - used.consumedPoints, 0),
    resetSeconds: Math.max(Math.ceil(used.msBeforeNext / 1000), 1),
  };
}
