import { DOMAINS as DOMAIN_NAMES, type Domain } from '@nakku/config';
import type { AnyApiToken } from '@nakku/rpc';
import type { EventDefinition } from '@nakku/transport';
import * as analytics from './analytics.js';
import * as cart from './cart.js';
import * as delivery from './delivery.js';
import * as inventory from './inventory.js';
import * as location from './location.js';
import * as notification from './notification.js';
import * as order from './order.js';
import * as payment from './payment.js';
import * as product from './product.js';
import * as user from './user.js';

/** What the system knows of a domain without having its code. */
export interface DomainEntry {
  /** Where it listens when it runs alone. */
  port: number;
  api: AnyApiToken;
  /** The first segments of its REST paths below `/api/v1`; with a slash in front, whole paths at the root. */
  paths: readonly string[];
  /** Its routes that take anybody, whatever token they carry: a gateway must not refuse a token there. */
  open: readonly string[];
  /** Its routes that take long bodies as a stream. */
  uploads?: readonly string[];
}

/** The contract of every domain, its default port, and the paths by which a gateway finds it. */
export const DOMAINS = {
  user: {
    port: 8081,
    api: user.UserApi,
    paths: ['users', '/.well-known/jwks.json'],
    open: [
      'POST users/register',
      'POST users/login',
      'POST users/token/refresh',
      'POST users/logout',
      'POST users/password/forgot',
      'POST users/password/reset',
      'GET /.well-known/jwks.json',
    ],
  },
  product: {
    port: 8082,
    api: product.ProductApi,
    paths: ['products', 'categories'],
    open: ['GET products', 'GET products/:id', 'GET products/:id/recommendations', 'GET categories'],
    uploads: ['POST products/import'],
  },
  inventory: { port: 8083, api: inventory.InventoryApi, paths: ['inventory'], open: ['GET inventory/stores'] },
  order: { port: 8084, api: order.OrderApi, paths: ['orders'], open: [] },
  cart: { port: 8085, api: cart.CartApi, paths: ['cart'], open: [] },
  payment: { port: 8086, api: payment.PaymentApi, paths: ['payments'], open: ['POST payments/webhooks/:provider'] },
  delivery: { port: 8087, api: delivery.DeliveryApi, paths: ['delivery'], open: [] },
  notification: {
    port: 8088,
    api: notification.NotificationApi,
    paths: ['notifications', 'admin/outbound-messages'],
    open: [],
  },
  location: {
    port: 8089,
    api: location.LocationApi,
    paths: ['location'],
    open: [
      'GET location/serviceability',
      'GET location/geocode',
      'GET location/reverse',
      'POST location/distance',
      'POST location/validate-address',
      'GET location/zones',
    ],
  },
  analytics: { port: 8090, api: analytics.AnalyticsApi, paths: ['analytics'], open: [] },
} as const satisfies Record<Domain, DomainEntry>;

export type DomainName = Domain;
export { DOMAIN_NAMES };
export const GATEWAY_PORT = 8080;

const isEvent = (value: unknown): value is EventDefinition =>
  typeof value === 'function' && 'topic' in value && 'payload' in value;

/** Every event that any domain declares. */
export const EVENTS: readonly EventDefinition[] = [
  user,
  product,
  inventory,
  order,
  cart,
  payment,
  delivery,
  notification,
  location,
  analytics,
].flatMap((declared) => Object.values(declared).filter(isEvent));
