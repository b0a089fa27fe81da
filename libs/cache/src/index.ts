export { Cache } from './cache.js';
export { CacheModule } from './cache.module.js';
export { RateLimiter, type Limit, type LimitState } from './rate-limiter.js';
