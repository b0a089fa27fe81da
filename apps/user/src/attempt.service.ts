import { type Limit, type LimitState, RateLimiter } from '@nakku/cache';
import { CoreSettings } from '@nakku/config';
import { Problem } from '@nakku/rpc';
import { Injectable } from '@nestjs/common';
import type { Attempt as Counted } from './attempt.entity.js';
import { AttemptRepository } from './attempt.repository.js';

const WINDOW = 15 * 60;
const FAILURES_AN_ACCOUNT: Limit = { points: 10, durationSeconds: WINDOW };
const FAILURES_AN_ADDRESS: Limit = { points: 100, durationSeconds: WINDOW };
const REGISTRATIONS: Limit = { points: 60, durationSeconds: 60 };
const RESETS: Limit = { points: 5, durationSeconds: 3600 };

/** Who tries, and on which account. */
export interface Attempt {
  email: string;
  /** The network address. */
  address: string;
}

/**
 * Counts guesses of passwords. Accounts that do not exist count like those that do. What protects an account is counted in the database, so
 * that it holds whichever copy is asked; what only slows a network address down, by the rate limiter.
 */
@Injectable()
export class AttemptService {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly accounts: AttemptRepository,
    private readonly core: CoreSettings,
  ) {}

  /** 429 `TOO_MANY_ATTEMPTS` once the failures are used up. */
  async admit({ email, address }: Attempt): Promise<void> {
    refuse(await this.limiter.peek('login address', address, FAILURES_AN_ADDRESS));
    const counted = await this.accounts.running('login', email);
    if (counted && counted.uses >= FAILURES_AN_ACCOUNT.points) refuse(state(counted, FAILURES_AN_ACCOUNT, false));
  }

  /** Counts a guess as a failure before it is checked, so that guesses at once cannot slip through together; 429 like `admit`. */
  async begin({ email, address }: Attempt): Promise<void> {
    refuse(await this.limiter.consume('login address', address, FAILURES_AN_ADDRESS));
    refuse(state(await this.accounts.count('login', email, WINDOW), FAILURES_AN_ACCOUNT));
  }

  /** Takes the failure back, and forgives the account its earlier ones. */
  async succeeded({ email, address }: Attempt): Promise<void> {
    await this.limiter.refund('login address', address);
    await this.forgive(email);
  }

  async forgive(email: string): Promise<void> {
    await this.accounts.forget('login', email);
  }

  /** 429 when too many register from one address. */
  async register(address: string): Promise<void> {
    refuse(await this.limiter.consume('register', address, REGISTRATIONS));
  }

  /** Whether one more mail with a reset token may go to somebody. */
  async mayReset(email: string): Promise<boolean> {
    if (this.core.RATE_LIMITS === 'off') return true;
    return state(await this.accounts.count('reset', email, RESETS.durationSeconds), RESETS).allowed;
  }
}

const state = ({ uses, expiresAt }: Counted, { points }: Limit, allowed = uses <= points): LimitState => ({
  allowed,
  limit: points,
  remaining: Math.max(0, points - uses),
  resetSeconds: Math.max(1, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1000)),
});

function refuse({ allowed, limit, remaining, resetSeconds }: LimitState): void {
  if (allowed) return;
  throw new Problem(429, 'TOO_MANY_ATTEMPTS', `Too many attempts: try again in ${resetSeconds} s.`, {
    headers: {
      'retry-after': String(resetSeconds),
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(resetSeconds),
    },
  });
}
