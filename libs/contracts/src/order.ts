import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Amount, Currency, Id, Instant, Lat, Lng, PaymentMethod, Quantity } from './shapes.js';
import { AddressFields } from './user.js';

export const OrderStatus = z.enum([
  'pending',
  'confirmed',
  'packed',
  'out_for_delivery',
  'delivered',
  'cancelled',
  'failed',
]);
export const OrderLine = z.object({
  productId: Id,
  name: z.string(),
  quantity: Quantity,
  unitPrice: Amount,
  lineTotal: Amount,
  status: z.enum(['ordered', 'unavailable', 'substituted']),
});
/** The address as it was when the order was placed. */
export const OrderAddress = AddressFields.extend({ lat: Lat, lng: Lng });

const Line = z.object({ productId: Id, name: z.string(), quantity: Quantity, unitPrice: Amount, lineTotal: Amount });
const Base = z.object({ orderId: Id, number: z.string(), customerId: Id, storeId: Id });

export const order = contract('order', {
  /** What a peer may ask of an order (support, late joiners). */
  get: {
    input: z.object({ orderId: Id }),
    output: Base.extend({ status: OrderStatus, total: Amount, currency: Currency, placedAt: Instant }),
    errors: ['ORDER_NOT_FOUND'],
    idempotent: true,
  },
});
export class OrderApi extends api(order) {}

export const orderCreated = event({
  type: 'order.created',
  version: 1,
  key: 'orderId',
  payload: Base.extend({
    cartId: Id,
    generation: z.int(),
    items: z.array(Line),
    total: Amount,
    currency: Currency,
    paymentMethod: PaymentMethod,
    couponCode: z.string().optional(),
  }),
});
export const orderPaymentRequested = event({
  type: 'order.payment_requested',
  version: 1,
  key: 'orderId',
  payload: z.object({
    orderId: Id,
    customerId: Id,
    amount: Amount,
    currency: Currency,
    method: PaymentMethod,
    paymentToken: z.string().optional(),
  }),
});
export const orderConfirmed = event({
  type: 'order.confirmed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({
    items: z.array(Line),
    total: Amount,
    currency: Currency,
    paymentMethod: PaymentMethod,
    paymentId: Id,
    address: OrderAddress,
    note: z.string().optional(),
    promisedAt: Instant,
  }),
});
/** Lines or totals changed after placing; `refundAmount` is what the customer no longer owes. */
export const orderUpdated = event({
  type: 'order.updated',
  version: 1,
  key: 'orderId',
  payload: Base.extend({
    status: OrderStatus,
    released: z.array(z.object({ productId: Id, quantity: z.int() })),
    total: Amount,
    refundAmount: Amount,
    currency: Currency,
  }),
});
export const orderPacked = event({ type: 'order.packed', version: 1, key: 'orderId', payload: Base });
export const orderCancelled = event({
  type: 'order.cancelled',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ reason: z.string(), previousStatus: OrderStatus, total: Amount, currency: Currency }),
});
export const orderCompleted = event({
  type: 'order.completed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({
    status: z.enum(['delivered', 'failed']),
    total: Amount,
    currency: Currency,
    paymentMethod: PaymentMethod,
    placedAt: Instant,
    completedAt: Instant,
  }),
});
