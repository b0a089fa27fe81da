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

const peerUrl = () =>
  z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('an http or https URL');

/** The variables that every process has. */
export class CoreSettings extends settings({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: z.coerce.number().int().min(0).max(65535).optional(),
  HOST: z.string().default('0.0.0.0'),
  SERVICES: list('services').optional(),
  TOPOLOGY: z.string().default('single-server'),
  DATA_DIR: z.string().default('./data'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('json'),
  JWT_SECRET: secret({ development: 'nakku-development-jwt-secret-0000', unless: 'JWT_PRIVATE_KEY_FILE' }).optional(),
  JWT_PRIVATE_KEY_FILE: z.string().optional(),
  PAYMENT_WEBHOOK_SECRET: secret({ development: 'nakku-development-webhook-secret-0000' }),
  METRICS_TOKEN: secret().optional(),
  RATE_LIMITS: byEnvironment(z.enum(['on', 'off']), { development: 'on', production: 'on', refused: ['off'] }),
  NAKKU_SEED: byEnvironment(z.enum(['demo', 'none']), { development: 'demo', production: 'none', refused: ['demo'] }),
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).max(600_000).default(25_000),
  TRUSTED_PROXIES: list('addresses or CIDR ranges', isAddressOrRange).default([]),
  CORS_ORIGINS: list('origins such as https://shop.example', isOrigin).default([]),
  USER_SERVICE_URL: peerUrl(),
  PRODUCT_SERVICE_URL: peerUrl(),
  INVENTORY_SERVICE_URL: peerUrl(),
  ORDER_SERVICE_URL: peerUrl(),
  CART_SERVICE_URL: peerUrl(),
  PAYMENT_SERVICE_URL: peerUrl(),
  DELIVERY_SERVICE_URL: peerUrl(),
  NOTIFICATION_SERVICE_URL: peerUrl(),
  LOCATION_SERVICE_URL: peerUrl(),
  ANALYTICS_SERVICE_URL: peerUrl(),
}) {}

/** Where a domain's service answers, without a slash at the end; undefined when no `<NAME>_SERVICE_URL` is set. */
export function serviceUrl(core: CoreSettings, domain: Domain): string | undefined {
  const name = `${domain.toUpperCase() as Uppercase<Domain>}_SERVICE_URL` as const;
  return core[name]?.replace(/\/+$/, '');
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
