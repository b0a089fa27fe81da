import {
  orderCancelled,
  orderCompleted,
  orderConfirmed,
  orderCreated,
  orderPacked,
  orderPaymentRequested,
} from '@nakku/contracts';
import type { Message } from '@nakku/transport';
import type { OrderStatus } from './order.js';
import type { Order, OrderItem } from './order.entity.js';

const base = ({ id, number, customerId, storeId }: Order) => ({ orderId: id, number, customerId, storeId });
const money = ({ total, currency }: Order) => ({ total, currency });
const lines = (items: readonly OrderItem[]) =>
  items.map(({ productId, name, quantity, unitPrice, lineTotal }) => ({
    productId,
    name,
    quantity,
    unitPrice,
    lineTotal,
  }));

export const created = (order: Order, items: readonly OrderItem[]): Message =>
  orderCreated({
    ...base(order),
    ...money(order),
    cartId: order.cartId,
    generation: order.cartGeneration,
    items: lines(items),
    paymentMethod: order.paymentMethod,
    ...(order.couponCode ? { couponCode: order.couponCode } : {}),
  });

export const paymentRequested = (order: Order, paymentToken?: string | null): Message =>
  orderPaymentRequested({
    orderId: order.id,
    customerId: order.customerId,
    amount: order.total,
    currency: order.currency,
    method: order.paymentMethod,
    ...(paymentToken ? { paymentToken } : {}),
  });

export const confirmed = (order: Order, items: readonly OrderItem[]): Message =>
  orderConfirmed({
    ...base(order),
    ...money(order),
    items: lines(items),
    paymentMethod: order.paymentMethod,
    paymentId: order.paymentId!,
    address: order.address,
    promisedAt: order.promisedAt,
    ...(order.note ? { note: order.note } : {}),
  });

export const packed = (order: Order): Message => orderPacked(base(order));

export const cancelled = (order: Order, previousStatus: OrderStatus): Message =>
  orderCancelled({ ...base(order), ...money(order), reason: order.cancelReason!, previousStatus });

export const completed = (order: Order): Message =>
  orderCompleted({
    ...base(order),
    ...money(order),
    status: order.status === 'failed' ? 'failed' : 'delivered',
    paymentMethod: order.paymentMethod,
    placedAt: order.placedAt,
    completedAt: order.updatedAt,
  });
