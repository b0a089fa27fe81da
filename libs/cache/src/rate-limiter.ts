import { CoreSettings } from '@nakku/config';
import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

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

/** How many keys one limit counts; the one idle for longest is forgotten first. */
const MAX_KEYS = 50_000;

interface Counter {
  limiter: RateLimiterMemory;
  keys: LRUCache<string, true>;
}

/** Counts uses by limit name and key (an account, an address) in fixed windows. Never throws for a used-up limit. */
@Injectable()
export class RateLimiter {
  private readonly counters = new Map<string, Counter>();

  constructor(
    private readonly core: CoreSettings,
    @Optional() private readonly maxKeys?: number,
  ) {}

  /** Uses one point. Not allowed once more than `points` were used in the window. */
  async consume(name: string, key: string, limit: Limit): Promise<LimitState> {
    if (this.lifted(limit)) return untouched(limit);
    const { limiter, keys } = this.counter(name);
    keys.set(key, true);
    const used = await limiter.penalty(key, 1, { customDuration: limit.durationSeconds });
    return state(used, limit, used.consumedPoints <= limit.points);
  }

  /** Tells whether the next use would be allowed, and uses nothing. */
  async peek(name: string, key: string, limit: Limit): Promise<LimitState> {
    const used = this.lifted(limit) ? null : await this.counter(name).limiter.get(key);
    if (!used || used.msBeforeNext <= 0) return untouched(limit);
    return state(used, limit, used.consumedPoints < limit.points);
  }

  /** Gives one point back, for a use that turned out not to count. */
  async refund(name: string, key: string): Promise<void> {
    const { limiter } = this.counter(name);
    const used = await limiter.get(key);
    if (used && used.consumedPoints > 0) await limiter.reward(key, 1);
  }

  /** Forgets what a key has used. */
  async reset(name: string, key: string): Promise<void> {
    this.counter(name).keys.delete(key);
  }

  private lifted(limit: Limit): boolean {
    return this.core.RATE_LIMITS === 'off' && !limit.always;
  }

  private counter(name: string): Counter {
    const known = this.counters.get(name);
    if (known) return known;
    const counter = newCounter(this.maxKeys ?? MAX_KEYS);
    this.counters.set(name, counter);
    return counter;
  }
}

/** The library keeps every key until its window ends, so a flood of made-up keys would fill the memory: the list of keys is bounded. */
function newCounter(max: number): Counter {
  // The points are compared here, so that one name can serve limits that change.
  const limiter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 1 });
  return { limiter, keys: new LRUCache({ max, dispose: (_, key) => void limiter.delete(key) }) };
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
