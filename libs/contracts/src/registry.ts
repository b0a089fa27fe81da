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

/** The contract of every domain, and its default port when it runs alone. */
export const DOMAINS = {
  user: { port: 8081, api: user.UserApi },
  product: { port: 8082, api: product.ProductApi },
  inventory: { port: 8083, api: inventory.InventoryApi },
  order: { port: 8084, api: order.OrderApi },
  cart: { port: 8085, api: cart.CartApi },
  payment: { port: 8086, api: payment.PaymentApi },
  delivery: { port: 8087, api: delivery.DeliveryApi },
  notification: { port: 8088, api: notification.NotificationApi },
  location: { port: 8089, api: location.LocationApi },
  analytics: { port: 8090, api: analytics.AnalyticsApi },
} as const satisfies Record<Domain, { port: number; api: AnyApiToken }>;

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
