import { type CacheManagerStore, KeyvAdapter } from 'cache-manager';
import { redisInsStore, type RedisStore } from 'cache-manager-ioredis-yet';
import { CacheableMemory } from 'cacheable';
import { Keyv } from 'keyv';
import type { RedisConnection } from './redis.connection.js';

/** How many values the memory level keeps; the least recently used go first. */
const MAX_ENTRIES = 10_000;

/** The levels of the cache, as cache-manager takes them: memory, and behind it Redis, if that is configured. */
export function levels(redis?: RedisConnection, maxEntries = MAX_ENTRIES): Keyv[] {
  // Values are neither copied nor written as JSON for the memory level, and one map serves better than sixteen with a hash before them.
  const memory = new CacheableMemory({ lruSize: maxEntries, useClone: false, storeHashSize: 1 });
  const first = new Keyv({ store: memory, useKeyPrefix: false, serialize: undefined, deserialize: undefined });
  if (!redis?.client) return [first];
  // Written as JSON before the adapter sees it: telejson, which it uses, would make functions and dates of texts that look like its own.
  const json = { serialize: JSON.stringify, deserialize: JSON.parse };
  // Its types are those of an older cache-manager.
  const store = new KeyvAdapter(redisInsStore(redis.client) as RedisStore & CacheManagerStore);
  return [first, new Keyv({ store, namespace: 'cache', throwOnErrors: true, ...json })];
}
