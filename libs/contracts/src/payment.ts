import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Amount, Currency, Id, PaymentMethod } from './shapes.js';

export const PaymentStatus = z.enum([
  'initiated',
  'authorised',
  'recorded',
  'captured',
  'partially_refunded',
  'refunded',
  'voided',
  'failed',
  'unknown',
]);
export const Payment = z.object({
  id: Id,
  orderId: Id,
  method: PaymentMethod,
  status: PaymentStatus,
  amount: Amount,
  capturedAmount: Amount,
  refundedAmount: Amount,
  currency: Currency,
});

export const payment = contract('payment', {
  /** The payment of an order. */
  getByOrder: { input: z.object({ orderId: Id }), output: Payment, errors: ['PAYMENT_NOT_FOUND'], idempotent: true },
});
export class PaymentApi extends api(payment) {}

const Base = z.object({
  paymentId: Id,
  orderId: Id,
  customerId: Id,
  amount: Amount,
  currency: Currency,
  method: PaymentMethod,
});
export const paymentInitiated = event({ type: 'payment.initiated', version: 1, key: 'orderId', payload: Base });
/** The money is secured: authorised, or (cash) recorded. Told again with `captured` when it was taken. */
export const paymentCompleted = event({
  type: 'payment.completed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ status: z.enum(['authorised', 'recorded', 'captured']) }),
});
export const paymentFailed = event({
  type: 'payment.failed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ reason: z.string() }),
});
/** Money went back, or (`voided`) was never taken. */
export const paymentRefunded = event({
  type: 'payment.refunded',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ refundAmount: Amount, status: PaymentStatus, reason: z.string().optional() }),
});
