import { Injectable, Optional } from '@nestjs/common';
import type { Result } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { type Found, type Place, type Position, within } from './positions.memory.js';
import { RedisConnection } from './redis.connection.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    putPosition(...keysAndArguments: (string | number)[]): Result<number, Context>;
    positionsNear(...keysAndArguments: (string | number)[]): Result<[string, string, string][], Context>;
  }
}

/** Who has not told for this long where he is, may be anywhere. */
const KEPT_MS = 5 * 60_000;
const MAX_RIDERS = 50_000;
/** Beyond this latitude (Web Mercator) Redis has no cells; nobody rides there. */
const GEO_LIMIT = 85.05;

/** One hash tag, so that all three are on one node of a cluster: the cells, when each was seen, and what each told to the letter. */
const TOLD = '{positions}:told';
const KEYS = ['{positions}:cells', '{positions}:seen', TOLD];

/** Keeps a position unless a later one is known, and forgets some that are too old. */
const PUT = `
local id, at, cutoff = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local last = redis.call('zscore', KEYS[2], id)
if last and tonumber(last) > at then return 0 end
redis.call('geoadd', KEYS[1], ARGV[5], ARGV[6], id)
redis.call('zadd', KEYS[2], at, id)
redis.call('hset', KEYS[3], id, ARGV[7])
for _, old in ipairs(redis.call('zrangebyscore', KEYS[2], '-inf', cutoff, 'LIMIT', 0, 50)) do
  redis.call('zrem', KEYS[1], old)
  redis.call('zrem', KEYS[2], old)
  redis.call('hdel', KEYS[3], old)
end
for _, key in ipairs(KEYS) do redis.call('pexpire', key, ARGV[4]) end
return 1`;

/** The nearest first, without those that are too old. */
const NEAR = `
local found = {}
local near = redis.call('geosearch', KEYS[1], 'FROMLONLAT', ARGV[1], ARGV[2], 'BYRADIUS', ARGV[3], 'm', 'ASC',
  'COUNT', ARGV[4] + 100, 'WITHDIST')
for _, rider in ipairs(near) do
  if #found >= tonumber(ARGV[4]) then break end
  local seen = redis.call('zscore', KEYS[2], rider[1])
  if seen and tonumber(seen) > tonumber(ARGV[5]) then
    found[#found + 1] = { rider[1], rider[2], redis.call('hget', KEYS[3], rider[1]) }
  end
end
return found`;

/**
 * Where riders were last seen, for five minutes: in Redis for all processes, or, while that is gone or where it is not configured, what this process
 * was told. It is for quick answers to "who is near?"; what must be true (who is online, who has which order) is in the database.
 */
@Injectable()
export class Positions {
  private readonly memory = new LRUCache<string, Position>({ max: MAX_RIDERS });

  constructor(@Optional() private readonly redis?: RedisConnection) {
    redis?.client?.defineCommand('putPosition', { numberOfKeys: KEYS.length, lua: PUT });
    redis?.client?.defineCommand('positionsNear', { numberOfKeys: KEYS.length, lua: NEAR });
  }

  /** Keeps where a rider was at `at` (epoch milliseconds), unless a later position is known. */
  async put(riderId: string, { lat, lng }: Place, at = Date.now()): Promise<void> {
    const known = this.memory.get(riderId);
    if (at <= Date.now() - KEPT_MS || (known && known.at > at)) return;
    const position = { lat, lng, at };
    this.memory.set(riderId, position);
    const text = JSON.stringify(position);
    await this.redis?.attempt((client) =>
      client.putPosition(...KEYS, riderId, at, oldest(), KEPT_MS, lng, clamp(lat), text),
    );
  }

  /** Where the rider was last seen; undefined when that is more than five minutes ago. */
  async get(riderId: string): Promise<Position | undefined> {
    const text = await this.redis?.attempt((client) => client.hget(TOLD, riderId));
    const position = text === undefined ? this.memory.get(riderId) : parsed(text);
    return position && position.at > oldest() ? position : undefined;
  }

  /** At most `limit` riders within the radius, the nearest first. */
  async near({ lat, lng }: Place, radiusMeters: number, limit: number): Promise<Found[]> {
    const found = await this.redis?.attempt((client) =>
      client.positionsNear(...KEYS, lng, clamp(lat), radiusMeters, limit, oldest()),
    );
    if (!found) return within(this.remembered(), { lat, lng }, radiusMeters, limit);
    return found.flatMap(([riderId, meters, text]) => {
      const position = parsed(text);
      return position ? [{ riderId, meters: Number(meters), ...position }] : [];
    });
  }

  private remembered(): [string, Position][] {
    return [...this.memory].filter(([, { at }]) => at > oldest());
  }
}

const oldest = (): number => Date.now() - KEPT_MS;
const parsed = (text: string | null): Position | undefined => (text ? (JSON.parse(text) as Position) : undefined);
const clamp = (lat: number): number => Math.max(-GEO_LIMIT, Math.min(GEO_LIMIT, lat));
