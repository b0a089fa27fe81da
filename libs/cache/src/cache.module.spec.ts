import { ConfigModule, Environment } from '@nakku/config';
import { HealthRegistry, Metrics, ObservabilityModule } from '@nakku/observability';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describeWith, eventually, ownServer, type RedisServer } from '@nakku/testing';
import { Redis } from 'ioredis';
import { Cache } from './cache.js';
import { CacheModule } from './cache.module.js';
import { RateLimiter } from './rate-limiter.js';
import { newPrefix } from './redis.fixture.js';

@Injectable()
class Reader {
  constructor(
    readonly cache: Cache,
    readonly limiter: RateLimiter,
  ) {}
}

@Module({ providers: [Reader] })
class ReaderModule {}

/** But for the one that asks. */
async function openConnections(server: RedisServer): Promise<number> {
  const client = new Redis(server.url);
  const list = String(await client.client('LIST'));
  client.disconnect();
  return list.trim().split('\n').length - 1;
}

describe('CacheModule', () => {
  const start = (raw: Record<string, string>) =>
    Test.createTestingModule({
      imports: [
        ConfigModule.for(new Environment({ LOG_LEVEL: 'silent', ...raw })),
        ObservabilityModule.for(),
        CacheModule.for(),
        ReaderModule,
      ],
    }).compile();

  it('gives one cache and one limiter to modules that do not import it, and counts in the metrics', async () => {
    const module = await start({});
    const { cache, limiter } = module.get(Reader);
    await cache.set('key', 1, 1000);
    await cache.get('key');

    expect(await module.get(Metrics).render()).toContain('cache_hits_total 1');
    expect((await limiter.consume('any', 'ann', { points: 1, durationSeconds: 1 })).allowed).toBe(true);
    expect(await module.get(HealthRegistry).ready()).toEqual({});
    await module.close();
  });

  describeWith(['redis'], 'on Redis', () => {
    it('shares through Redis what it gives, and tells in health and metrics whether Redis answers', async () => {
      const server = await ownServer('redis');
      const raw = { ...server.env, REDIS_PREFIX: newPrefix() };
      const [one, two] = [await start(raw), await start(raw)];
      await one.get(Reader).cache.set('key', 'value', 60_000);
      expect(await two.get(Reader).cache.get('key')).toBe('value');
      expect(await one.get(Metrics).render()).toContain('redis_up 1');
      expect(await one.get(HealthRegistry).ready()).toEqual({ redis: { status: 'up' } });
      await server.stop('SIGKILL');
      await eventually(
        'it is degraded',
        async () => (await one.get(HealthRegistry).ready())['redis']?.status === 'degraded',
      );
      await eventually('and counted', async () => (await one.get(Metrics).render()).includes('redis_up 0'));

      await Promise.all([one.close(), two.close()]);
      await server.remove();
    });

    it('closes its connections', async () => {
      const server = await ownServer('redis');
      const module = await start({ ...server.env });
      await eventually('there are two', async () => (await openConnections(server)) === 2);
      await module.close();

      await eventually('they are closed', async () => (await openConnections(server)) === 0);
      await server.remove();
    });
  });

  it('refuses a wrong variable', async () => {
    await expect(start({ REDIS_URL: 'http://cache' })).rejects.toThrow('REDIS_URL must be a comma-separated list');
  });
});
