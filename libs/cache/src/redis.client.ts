import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Endpoint } from './cache.settings.js';

/** A connection to one Redis server or to a cluster of them. */
export type RedisClient = Redis | Cluster;

/** When nothing at all comes on a connection for this long after a command, its other end is taken for gone. */
const SILENCE_MS = 3000;
const LONGEST_PAUSE_MS = 1000;

/** Waits a little longer each time, and for ever, and never all processes at the same moment. */
const backoff = (tries: number): number =>
  Math.min(50 * 2 ** Math.min(tries, 5), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);

function optionsOf({ username, password, db, tls, timeoutMs }: Endpoint): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db,
    ...(tls ? { tls: {} } : {}),
    connectionName: 'nakku',
    connectTimeout: 2000,
    // Nobody waits for so long: it is for commands that nobody waits for.
    commandTimeout: 2 * timeoutMs,
    socketTimeout: SILENCE_MS,
    keepAlive: 10_000,
    enableOfflineQueue: false,
    // Who asked has been answered otherwise by then, and a counter must not be raised twice.
    autoResendUnfulfilledCommands: false,
    // After a failover behind the same address, the old primary may still hold our connection.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

/** Begins to connect; it goes on trying for ever. */
export function connect(endpoint: Endpoint, keyPrefix: string): RedisClient {
  const options = optionsOf(endpoint);
  if (!endpoint.cluster) return new Redis({ ...endpoint.nodes[0], ...options, keyPrefix, retryStrategy: backoff });
  return new Cluster(endpoint.nodes, {
    keyPrefix,
    redisOptions: options,
    enableOfflineQueue: false,
    clusterRetryStrategy: backoff,
    maxRedirections: 3,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    slotsRefreshTimeout: 1000,
    // A certificate is for a name, so what the nodes call each other is not looked up before.
    ...(endpoint.tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
  });
}

/** A connection of its own to one server (the `turn`-th of a cluster; each hears what is published on any) that is tried once. */
export function connectOnce(endpoint: Endpoint, turn: number): Redis {
  const node = endpoint.nodes[turn % endpoint.nodes.length];
  return new Redis({ ...node, ...optionsOf(endpoint), retryStrategy: () => null });
}
