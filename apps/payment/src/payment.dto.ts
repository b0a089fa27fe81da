import { Amount, Currency, Id, Instant, Payment } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { PaymentRow } from './payment.entity.js';

export class PaymentView extends dto(Payment) {}
export class PaymentPage extends dto(page(Payment)) {}
export class PaymentQuery extends dto(PageQuery.extend({ orderId: Id.optional() })) {}

export class RefundRequest extends dto(
  z.strictObject({ amount: Amount.min(1), reason: z.string().trim().min(1).max(200).optional() }),
) {}

const LedgerEntry = z.object({
  id: Id,
  transactionId: Id,
  orderId: Id.optional(),
  paymentId: Id.optional(),
  account: z.enum(['provider_clearing', 'cash_on_delivery', 'customer_sales', 'refunds']),
  direction: z.enum(['debit', 'credit']),
  amount: Amount,
  currency: Currency,
  at: Instant,
});
export class LedgerPage extends dto(page(LedgerEntry)) {}
export class LedgerQuery extends dto(PageQuery.extend({ orderId: Id.optional(), paymentId: Id.optional() })) {}

/** A provider adds to its events as it likes: what is not known is left alone. */
export class WebhookEvent extends dto(
  z.object({
    id: z.string().min(1).max(128),
    type: z.string().min(1).max(128),
    data: z.object({ paymentId: Id, status: z.enum(['succeeded', 'failed']) }),
  }),
) {}
export class WebhookReceived extends dto(z.object({ received: z.literal(true) })) {}

/** A payment as its owner may see it: without the token and without what is going on at the provider. */
export const paymentView = (row: PaymentRow): z.output<typeof Payment> => ({
  id: row.id,
  orderId: row.orderId,
  method: row.method,
  status: row.status,
  amount: row.amount,
  capturedAmount: row.capturedAmount,
  refundedAmount: row.refundedAmount,
  currency: row.currency,
});
