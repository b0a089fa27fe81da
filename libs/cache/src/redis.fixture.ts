import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Environment } from '@nakku/config';
import { Metrics } from '@nakku/observability';
import { createCache } from 'cache-manager';
import { Cluster } from 'ioredis';
import { levels } from './cache.levels.js';
import { CacheSettings } from './cache.settings.js';
import { Cache } from './cache.js';
import type { RedisClient } from './redis.client.js';
import { RedisConnection } from './redis.connection.js';

/** For servers that are made to fail: what is waited for then is the usual time limit. */
export const impatient = { REDIS_TIMEOUT_MS: '250' };

/** A prefix that no other test has. */
export const newPrefix = (): string => `test-${randomBytes(6).toString('hex')}:`;

export interface CacheProcess {
  cache: Cache;
  redis: RedisConnection;
  metrics: Metrics;
}

/** The connections of some processes of one deployment. */
export class Deployment {
  private readonly connections: RedisConnection[] = [];

  constructor(
    private readonly env: Record<string, string | undefined>,
    private readonly prefix = newPrefix(),
  ) {}

  /** One more process, which may have another way to Redis. It is patient, because a machine that runs many tests may be slow. */
  async process(env = this.env): Promise<RedisConnection> {
    const settings = new Environment({ REDIS_TIMEOUT_MS: '2000', ...env, REDIS_PREFIX: this.prefix }).get(
      CacheSettings,
    );
    const connection = await RedisConnection.open(settings);
    this.connections.push(connection);
    return connection;
  }

  /** A process with a cache that hears what the others delete, unless it is `deaf`. */
  async cache({ env = this.env, deaf = false } = {}): Promise<CacheProcess> {
    const redis = await this.process(env);
    const metrics = new Metrics();
    const hears = new Promise<void>((resolve) => {
      const subscribe = redis.subscribe.bind(redis);
      redis.subscribe = (channel, subscriber) => {
        if (deaf) return;
        subscribe(channel, {
          message: (text) => subscriber.message(text),
          live: () => resolve(subscriber.live()),
          lost: () => subscriber.lost(),
        });
      };
    });
    const cache = new Cache(metrics, createCache({ stores: levels(redis) }), redis);
    if (!deaf) await hears;
    return { cache, redis, metrics };
  }

  async close(): Promise<void> {
    await this.connections.find(({ up }) => up)?.attempt((client) => this.deleteKeys(client));
    await Promise.all(this.connections.map((connection) => connection.onApplicationShutdown()));
  }

  private async deleteKeys(client: RedisClient): Promise<void> {
    const masters = client instanceof Cluster ? client.nodes('master') : [client];
    const keys = (await Promise.all(masters.map((master) => master.keys(`${this.prefix}*`)))).flat();
    // The client puts the prefix before them again.
    await Promise.all(keys.map((key) => client.unlink(key.slice(this.prefix.length))));
  }
}

/** One process's way to Redis, which can be cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private whole = true;

  private constructor(
    private readonly server: Server,
    redisPort: number,
  ) {
    server.on('connection', (near) => this.join(near, redisPort));
  }

  static async to({ url }: { url: string }): Promise<Wire> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Wire(server, Number(new URL(url).port));
  }

  get env(): Record<string, string> {
    return { REDIS_URL: `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`, ...impatient };
  }

  cut(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.whole = true;
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket, redisPort: number): void {
    if (!this.whole) return void near.destroy();
    const far = connect(redisPort, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  }
}
