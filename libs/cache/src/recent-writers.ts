import { Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { RedisConnection } from './redis.connection.js';

const MAX_WRITERS = 50_000;

/** Who has written within the last seconds, to any process: such a one reads from the primary, and so finds what he wrote. */
@Injectable()
export class RecentWriters {
  /** How long a write is recent, in milliseconds: longer than any replica that is still read from may be behind. */
  recentMs = 5000;
  private readonly writers = new LRUCache<string, true>({ max: MAX_WRITERS });

  constructor(@Optional() private readonly redis?: RedisConnection) {
    redis?.onUp(() => void this.tellAgain());
  }

  /** Remembers a writer. Await it before the write is answered. */
  async mark(key: string): Promise<void> {
    this.writers.set(key, true, { ttl: this.recentMs });
    await this.tell(key, this.recentMs);
  }

  /** Whether this writer was marked within the last `recentMs`; true also when that cannot be known, because Redis does not answer. */
  async has(key: string): Promise<boolean> {
    if (this.writers.has(key)) return true;
    if (!this.redis?.configured) return false;
    const found = await this.redis.attempt((client) => client.exists(nameOf(key)));
    return found !== 0 || this.mayHaveForgotten();
  }

  /** Redis may have been restarted without what it knew. */
  private mayHaveForgotten(): boolean {
    const { session = 0, upSince = 0 } = this.redis ?? {};
    return session > 1 && Date.now() < upSince + this.recentMs;
  }

  private async tell(key: string, ms: number): Promise<void> {
    await this.redis?.attempt((client) => client.set(nameOf(key), '1', 'PX', Math.ceil(ms)));
  }

  /** What was marked while Redis was gone. */
  private async tellAgain(): Promise<void> {
    const left = [...this.writers.keys()].map((key) => [key, this.writers.getRemainingTTL(key)] as const);
    await Promise.all(left.filter(([, ms]) => ms >= 1).map(([key, ms]) => this.tell(key, ms)));
  }
}

const nameOf = (key: string): string => `writer:${key}`;
