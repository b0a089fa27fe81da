export { Cache } from './cache.js';
export { CacheModule } from './cache.module.js';
export { CacheSettings } from './cache.settings.js';
export { type Found, type Place, type Position } from './positions.memory.js';
export { Positions } from './positions.js';
export { RateLimiter, type Limit, type LimitState } from './rate-limiter.js';
export { RecentWriters } from './recent-writers.js';
export { type Endpoint, endpointOf } from './cache.settings.js';
export { RedisConnection } from './redis.connection.js';
