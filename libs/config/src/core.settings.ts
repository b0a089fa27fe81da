import { isIP } from 'node:net';
import { z } from 'zod';
import { list, settings } from './settings.js';
import { byEnvironment, secret } from './variable.js';

/** The ten domains. Each is one service with a database and a topic of its own. */
export const DOMAINS = [
  'user',
  'product',
  'inventory',
  'order',
  'cart',
  'payment',
  'delivery',
  'notification',
  'location',
  'analytics',
] as const;

/** The name of a domain. */
export type Domain = (typeof DOMAINS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Where a service answers: one URL for each of its copies, or a host name that has the addresses of all of them. */
const peerUrls = () => list('http or https URLs without a path', isPeerUrl).optional();

const place = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  SERVICES: list('services').optional(),
  TOPOLOGY: z.string().default('single-server'),
  DATA_DIR: z.string().default('./data'),
};

/** What a command has to know that starts no service: it must not ask for the secrets of one. */
export class PlaceSettings extends settings(place) {}

/** The variables that every process has. */
export class CoreSettings extends settings({
  ...place,
  PORT: z.coerce.number().int().min(0).max(65535).optional(),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json'),
  JWT_SECRET: secret({
    development: 'nakku-development-jwt-secret-0000',
    unless: ['JWT_PRIVATE_KEY_FILE', 'JWT_PUBLIC_KEY_FILE'],
  }).optional(),
  JWT_PRIVATE_KEY_FILE: z.string().optional(),
  JWT_PUBLIC_KEY_FILE: list('files').optional(),
  INTERNAL_SECRET: secret({ required: true, unless: ['JWT_SECRET'] }).optional(),
  METRICS_TOKEN: secret().optional(),
  RATE_LIMITS: byEnvironment(z.enum(['on', 'off']), { development: 'on', production: 'on', refused: ['off'] }),
  NAKKU_SEED: byEnvironment(z.enum(['demo', 'none']), { development: 'demo', production: 'none', refused: ['demo'] }),
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).max(600_000).default(25_000),
  SHUTDOWN_DRAIN_MS: z.coerce.number().int().min(0).max(60_000).optional(),
  TRUSTED_PROXIES: list('addresses or CIDR ranges', isAddressOrRange).default([]),
  CORS_ORIGINS: list('origins such as https://shop.example', isOrigin).default([]),
  USER_SERVICE_URL: peerUrls(),
  PRODUCT_SERVICE_URL: peerUrls(),
  INVENTORY_SERVICE_URL: peerUrls(),
  ORDER_SERVICE_URL: peerUrls(),
  CART_SERVICE_URL: peerUrls(),
  PAYMENT_SERVICE_URL: peerUrls(),
  DELIVERY_SERVICE_URL: peerUrls(),
  NOTIFICATION_SERVICE_URL: peerUrls(),
  LOCATION_SERVICE_URL: peerUrls(),
  ANALYTICS_SERVICE_URL: peerUrls(),
}) {}

/** The origins at which a domain's service answers; none when no `<NAME>_SERVICE_URL` is set. */
export function serviceUrls(core: CoreSettings, domain: Domain): string[] {
  const name = `${domain.toUpperCase() as Uppercase<Domain>}_SERVICE_URL` as const;
  return (core[name] ?? []).map((url) => new URL(url).origin);
}

function isPeerUrl(item: string): boolean {
  if (!URL.canParse(item)) return false;
  const { protocol, pathname, search, hash, username } = new URL(item);
  return /^https?:$/.test(protocol) && pathname === '/' && search + hash + username === '';
}

function isAddressOrRange(item: string): boolean {
  const [address = '', prefix, ...rest] = item.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    bits > 0 && rest.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

function isOrigin(item: string): boolean {
  return URL.canParse(item) && new URL(item).origin === item;
}
