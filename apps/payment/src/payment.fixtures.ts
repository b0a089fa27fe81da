import { orderCancelled, orderCompleted, orderPaymentRequested, orderUpdated } from '@nakku/contracts';
import { newId, now } from '@nakku/database';
import type { Method } from './payment.js';

/** An order as the tests of this domain see it. */
export interface OrderFixture {
  orderId: string;
  customerId: string;
  amount: number;
  method: Method;
  paymentToken?: string;
}

export const anOrder = (given: Partial<OrderFixture> = {}): OrderFixture => ({
  orderId: newId(),
  customerId: newId(),
  amount: 50_000,
  method: 'card',
  paymentToken: 'tok_ok',
  ...given,
});

const base = ({ orderId, customerId, amount }: OrderFixture) => ({
  ...{ orderId, customerId, storeId: newId(), number: 'NK-1', total: amount, currency: 'INR' },
});

export const requested = (order: OrderFixture) => orderPaymentRequested({ ...order, currency: 'INR' });

export const cancelledOf = (order: OrderFixture, reason = 'CUSTOMER') =>
  orderCancelled({ ...base(order), reason, previousStatus: 'confirmed' });

export const completedOf = (order: OrderFixture, status: 'delivered' | 'failed' = 'delivered') =>
  orderCompleted({ ...base(order), status, paymentMethod: order.method, placedAt: now(), completedAt: now() });

export const updatedOf = (order: OrderFixture, refundAmount: number) =>
  orderUpdated({ ...base(order), status: 'confirmed', released: [], refundAmount });
