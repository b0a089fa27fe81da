import { byEnvironment, list, settings } from '@nakku/config';
import { z } from 'zod';

/** Where Redis is, which processes share their caches, limits and positions through. Without one, each process has its own. */
export class CacheSettings extends settings({
  /** One server, or some nodes of a cluster; `rediss:` for TLS. */
  REDIS_URL: byEnvironment(list('redis:// or rediss:// URLs', isRedisUrl), { file: true }).optional(),
  /** Some nodes of a cluster, the others are found through them; name, password and TLS are those of REDIS_URL, if that is set too. */
  REDIS_CLUSTER_NODES: list('nodes such as redis-1:6379', isNode).optional(),
  /** What every key and channel of ours begins with. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,64}$/)
    .describe('1 to 64 letters, digits or any of _ . : -')
    .default('nakku:'),
  /** How long Redis may take for an answer, in milliseconds, before it is done without. */
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(10).max(10_000).default(250),
}) {}

/** How to reach Redis. */
export interface Endpoint {
  nodes: { host: string; port: number }[];
  cluster: boolean;
  username?: string;
  password?: string;
  db: number;
  tls: boolean;
  timeoutMs: number;
}

/** How to reach Redis by these settings; undefined when it is not configured. */
export function endpointOf(settings: CacheSettings): Endpoint | undefined {
  const { REDIS_URL = [], REDIS_CLUSTER_NODES = [], REDIS_TIMEOUT_MS: timeoutMs } = settings;
  const urls = REDIS_URL.map((url) => new URL(url));
  const nodes = REDIS_CLUSTER_NODES.length > 0 ? REDIS_CLUSTER_NODES.map((node) => new URL(`redis://${node}`)) : urls;
  if (nodes.length === 0) return undefined;
  const [first] = urls;
  const cluster = REDIS_CLUSTER_NODES.length > 0 || urls.length > 1;
  return {
    nodes: nodes.map(({ hostname, port }) => ({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) })),
    cluster,
    ...(first?.username && { username: decodeURIComponent(first.username) }),
    ...(first?.password && { password: decodeURIComponent(first.password) }),
    // A cluster has one database only.
    db: cluster ? 0 : Number(first?.pathname.slice(1) || 0),
    tls: first?.protocol === 'rediss:',
    timeoutMs,
  };
}

function isRedisUrl(item: string): boolean {
  if (!URL.canParse(item)) return false;
  const { protocol, hostname, pathname } = new URL(item);
  return /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d{0,3})?$/.test(pathname);
}

function isNode(item: string): boolean {
  return /^([\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(item) && URL.canParse(`redis://${item}`);
}
