import { Module, type DynamicModule } from '@nestjs/common';
import { Cache } from './cache.js';
import { RateLimiter } from './rate-limiter.js';

/** Makes Cache and RateLimiter injectable everywhere. Needs ConfigModule and ObservabilityModule. */
@Module({})
export class CacheModule {
  /** A global module; each application has one cache and one set of counters. */
  static for(): DynamicModule {
    const providers = [Cache, RateLimiter];
    return { module: CacheModule, global: true, providers, exports: providers };
  }
}
