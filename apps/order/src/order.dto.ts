import { Amount, Currency, Id, Instant, OrderAddress, OrderLine, OrderStatus, PaymentMethod } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { Order, OrderItem } from './order.entity.js';

export class PlaceOrder extends dto(
  z.strictObject({
    addressId: Id,
    paymentMethod: PaymentMethod,
    paymentToken: z.string().trim().min(1).max(128).optional(),
    tip: z.int().min(0).max(100_000).default(0),
    note: z.string().trim().max(500).optional(),
    substitutions: z.enum(['none', 'allow']).default('none'),
  }),
) {}

/** Nobody has to give a reason, nor send a body for it. */
export class CancelOrder extends dto(z.strictObject({ reason: z.string().trim().max(200).optional() }).prefault({})) {}

const When = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/** `from` is included, `to` is not. */
export class ListOrders extends dto(
  z.strictObject({
    ...PageQuery.shape,
    status: OrderStatus.optional(),
    from: When.optional(),
    to: When.optional(),
  }),
) {}

export class QueueQuery extends dto(PageQuery) {}

const OrderShape = z.object({
  id: Id,
  number: z.string(),
  status: OrderStatus,
  cancelReason: z.string().optional(),
  storeId: Id,
  address: OrderAddress,
  items: z.array(OrderLine),
  subtotal: Amount,
  discount: Amount,
  couponCode: z.string().optional(),
  deliveryFee: Amount,
  tax: Amount,
  tip: Amount,
  total: Amount,
  currency: Currency,
  note: z.string().optional(),
  paymentMethod: PaymentMethod,
  paymentId: Id.optional(),
  promisedAt: Instant,
  deliveryOtp: z.string().optional(),
  placedAt: Instant,
  updatedAt: Instant,
});
export class OrderView extends dto(OrderShape) {}
export class OrderPage extends dto(page(OrderShape)) {}

/** What the client sees of an order. */
export function orderView(order: Order, items: readonly OrderItem[]): OrderView {
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    ...(order.cancelReason ? { cancelReason: order.cancelReason } : {}),
    storeId: order.storeId,
    address: order.address,
    items: items.map(lineView),
    subtotal: order.subtotal,
    discount: order.discount,
    ...(order.couponCode ? { couponCode: order.couponCode } : {}),
    deliveryFee: order.deliveryFee,
    tax: order.tax,
    tip: order.tip,
    total: order.total,
    currency: order.currency,
    ...(order.note ? { note: order.note } : {}),
    paymentMethod: order.paymentMethod,
    ...(order.paymentId ? { paymentId: order.paymentId } : {}),
    promisedAt: order.promisedAt,
    placedAt: order.placedAt,
    updatedAt: order.updatedAt,
  };
}

const lineView = ({
  productId,
  name,
  quantity,
  unitPrice,
  lineTotal,
  status,
}: OrderItem): OrderView['items'][number] => ({
  productId,
  name,
  quantity,
  unitPrice,
  lineTotal,
  status,
});
