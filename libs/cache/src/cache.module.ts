import { Environment } from '@nakku/config';
import { HealthRegistry, Metrics } from '@nakku/observability';
import { CacheModule as CacheManagerModule } from '@nestjs/cache-manager';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { levels } from './cache.levels.js';
import { CacheSettings } from './cache.settings.js';
import { Cache } from './cache.js';
import { Positions } from './positions.js';
import { RateLimiter } from './rate-limiter.js';
import { RecentWriters } from './recent-writers.js';
import { RedisConnection } from './redis.connection.js';

/** The settings of Redis and the connection to it. */
@Module({})
class RedisModule {
  static for(): DynamicModule {
    const providers: Provider[] = [
      { provide: CacheSettings, inject: [Environment], useFactory: (all: Environment) => all.get(CacheSettings) },
      { provide: RedisConnection, inject: [CacheSettings, HealthRegistry, Metrics], useFactory: openRedis },
    ];
    return { module: RedisModule, providers, exports: [CacheSettings, RedisConnection] };
  }
}

/** Makes what processes share through Redis, or have for themselves where there is none, injectable everywhere. Needs ConfigModule and ObservabilityModule. */
@Module({})
export class CacheModule {
  /** A global module; each application has one connection, one cache and one set of counters. Waits for Redis for a second at most. */
  static for(): DynamicModule {
    const redis = RedisModule.for();
    const manager = CacheManagerModule.registerAsync({
      imports: [redis],
      inject: [RedisConnection],
      useFactory: (connection: RedisConnection) => ({ stores: levels(connection) }),
    });
    const providers = [Cache, RateLimiter, Positions, RecentWriters];
    return { module: CacheModule, global: true, imports: [redis, manager], providers, exports: [redis, ...providers] };
  }
}

async function openRedis(settings: CacheSettings, health: HealthRegistry, metrics: Metrics): Promise<RedisConnection> {
  const redis = await RedisConnection.open(settings);
  if (redis.configured) {
    health.add('redis', () => redis.ping(), { informational: true });
    const up = metrics.gauge('redis_up', 'Whether Redis answers');
    metrics.beforeRender(() => up.set(Number(redis.up)));
  }
  return redis;
}
