import { ConfigModule, Environment } from '@nakku/config';
import { Metrics, ObservabilityModule } from '@nakku/observability';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Cache } from './cache.js';
import { CacheModule } from './cache.module.js';
import { RateLimiter } from './rate-limiter.js';

@Injectable()
class Reader {
  constructor(
    readonly cache: Cache,
    readonly limiter: RateLimiter,
  ) {}
}

@Module({ providers: [Reader] })
class ReaderModule {}

describe('CacheModule', () => {
  it('gives one cache and one limiter to modules that do not import it, and counts in the metrics', async () => {
    const environment = new Environment({ LOG_LEVEL: 'silent' });
    const module = await Test.createTestingModule({
      imports: [ConfigModule.for(environment), ObservabilityModule.for(), CacheModule.for(), ReaderModule],
    }).compile();
    const { cache, limiter } = module.get(Reader);
    await cache.set('key', 1, 1000);
    await cache.get('key');

    expect(await module.get(Metrics).render()).toContain('cache_hits_total 1');
    expect((await limiter.consume('any', 'ann', { points: 1, durationSeconds: 1 })).allowed).toBe(true);
    await module.close();
  });
});
