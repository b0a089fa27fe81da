import { Injectable } from '@nestjs/common';
import { paymentCompleted, paymentFailed, paymentInitiated, paymentRefunded } from '@nakku/contracts';
import { Database } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { EventBus } from '@nakku/transport';
import { LedgerRepository } from './ledger.repository.js';
import { type Change, mayBecome, type Rule } from './payment.js';
import type { PaymentRow } from './payment.entity.js';
import { type PaymentKey, PaymentRepository } from './payment.repository.js';
import type { RefundRow } from './refund.entity.js';
import { RefundRepository } from './refund.repository.js';

/** The only one that changes payments: status, ledger, refunds and events in one transaction, which its caller begins. */
@Injectable()
export class TransitionService {
  private readonly total;

  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly refunds: RefundRepository,
    private readonly ledger: LedgerRepository,
    private readonly events: EventBus,
    metrics: Metrics,
  ) {
    this.total = metrics.counter('nakku_payments_total', 'Payments that came to a status', ['method', 'status']);
  }

  /** Tells of a payment that was inserted just now. */
  async opened(payment: PaymentRow): Promise<void> {
    this.count(payment);
    if (payment.status === 'voided') return;
    await this.events.publish(paymentInitiated(told(payment)));
    if (payment.status === 'recorded')
      await this.events.publish(paymentCompleted({ ...told(payment), status: 'recorded' }));
  }

  /** Applies a rule to a payment and gives it as it is then; undefined when there is none. Whoever else wants to change it has to wait. */
  async change(key: PaymentKey, rule: Rule): Promise<PaymentRow | undefined> {
    const seen = await this.payments.lock(key);
    const change = seen && rule(seen);
    if (!change) return seen ?? undefined;
    const { status = seen.status } = change.set;
    if (status !== seen.status && !mayBecome(seen.status, status))
      throw new Error(`a payment that is ${seen.status} cannot become ${status}`);
    const after = await this.payments.update(seen, change.set);
    if (!after) throw new Error('a payment was changed though it was locked');
    if (after.status !== seen.status) this.count(after);
    await this.carryOut(after, change);
    return after;
  }

  /** The provider (or the till) has given the money back: booked and told, once. */
  async finishRefund(refund: RefundRow): Promise<void> {
    if (!(await this.refunds.finish(refund.id))) return;
    const payment = await this.payments.find({ id: refund.paymentId });
    if (!payment) throw new Error('a refund has no payment');
    await this.ledger.book('refund', payment, refund.amount);
    await this.tellRefunded(payment, refund.amount, refund.reason ?? undefined);
  }

  private async carryOut(payment: PaymentRow, { tell, reason, taken, back }: Change): Promise<void> {
    if (taken) await this.ledger.book('capture', payment, taken);
    if (tell === 'failed') await this.events.publish(paymentFailed({ ...told(payment), reason: reason ?? 'DECLINED' }));
    if (tell === 'completed')
      await this.events.publish(paymentCompleted({ ...told(payment), status: secured(payment.status) }));
    if (tell === 'refunded') await this.tellRefunded(payment, 0, reason);
    if (back) await this.sendBack(payment, back, reason);
  }

  /** Cash is given back over the counter: there is no provider to wait for. */
  private async sendBack(payment: PaymentRow, amount: number, reason: string | undefined): Promise<void> {
    const refund = await this.refunds.insert(payment.id, amount, reason);
    if (payment.method === 'cod') await this.finishRefund(refund);
  }

  private async tellRefunded(payment: PaymentRow, refundAmount: number, reason?: string): Promise<void> {
    const { status } = payment;
    await this.events.publish(paymentRefunded({ ...told(payment), refundAmount, status, reason }));
  }

  private count({ method, status }: PaymentRow): void {
    this.database.afterCommit(() => this.total.inc({ method, status }));
  }
}

const told = ({ id, orderId, customerId, amount, currency, method }: PaymentRow) => ({
  paymentId: id,
  orderId,
  customerId,
  amount,
  currency,
  method,
});

function secured(status: PaymentRow['status']): 'authorised' | 'recorded' | 'captured' {
  if (status === 'authorised' || status === 'recorded' || status === 'captured') return status;
  throw new Error(`no money is secured by a payment that is ${status}`);
}
