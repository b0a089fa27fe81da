import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { forbidden, Idempotency, notFound, unprocessable } from '@nakku/rpc';
import { giveBack, type Rule, refundable } from './payment.js';
import { type PaymentView, paymentView, type RefundRequest } from './payment.dto.js';
import { PaymentRepository } from './payment.repository.js';
import { TransitionService } from './transition.service.js';

/** Refunds that an admin asks for. */
@Injectable()
export class RefundService {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly transitions: TransitionService,
    private readonly idempotency: Idempotency,
  ) {}

  /** Promises `amount` to the customer; the provider gives it back after this. 422 `REFUND_TOO_LARGE` above what is left. */
  async refund(actor: Actor, id: string, { amount, reason }: RefundRequest): Promise<PaymentView> {
    await this.requireAdmin(actor, id);
    const rule: Rule = (payment) => {
      if (amount > refundable(payment)) throw tooLarge(refundable(payment));
      return giveBack(payment, amount, reason);
    };
    return this.database.transaction(async () => {
      const after = await this.transitions.change({ id }, rule);
      if (!after) throw notFound('payment');
      const view = paymentView(after);
      await this.idempotency.complete(201, view);
      return view;
    });
  }

  /** The owner knows that the payment is there and is told that they may not; to everybody else it is not there. */
  private async requireAdmin({ id: actorId, roles }: Actor, id: string): Promise<void> {
    if (roles.includes('admin')) return;
    const payment = await this.payments.find({ id });
    if (payment?.customerId !== actorId) throw notFound('payment');
    throw forbidden('FORBIDDEN', 'Refunds are made by the shop: cancel the order to get your money back.');
  }
}

const tooLarge = (left: number) =>
  unprocessable('REFUND_TOO_LARGE', `At most ${left} (minor units) can be given back.`, { refundable: left });
