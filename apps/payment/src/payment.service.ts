import { Injectable } from '@nestjs/common';
import type { orderPaymentRequested, PaymentApi } from '@nakku/contracts';
import { newId, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { decodeCursor, type Input, notFound, type Output, type Page, paged } from '@nakku/rpc';
import type { EventOf } from '@nakku/transport';
import { z } from 'zod';
import { looksLikeCardNumber } from './method.js';
import { cancelled, delivered, reduced, type Rule } from './payment.js';
import { type PaymentQuery, type PaymentView, paymentView } from './payment.dto.js';
import type { PaymentRow } from './payment.entity.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { TransitionService } from './transition.service.js';

type Request = EventOf<typeof orderPaymentRequested>['data'];

const TOKEN_MAX = 191;

/** The payments of orders. What the handlers of events call runs in their transaction. */
@Injectable()
export class PaymentService implements PaymentApi {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly transitions: TransitionService,
    private readonly worker: PaymentWorker,
  ) {}

  /** Opens the order's one payment: cash is recorded, anything else is charged after the commit. */
  async request(request: Request): Promise<void> {
    const row = newPayment(request, this.worker.claimEnd());
    if (!(await this.payments.insert(row))) return;
    // Looked up after the insert, and with a lock: of this and a cancellation at the same time, one always sees the other.
    if (await this.payments.isCancelled(row.orderId)) return this.giveUp(row);
    await this.transitions.opened(row);
    if (row.nextAction) this.worker.wake(row, { claimed: true });
  }

  /** The order is off, whether its payment was asked for or not. */
  async cancel(orderId: string, reason: string): Promise<void> {
    await this.payments.rememberCancelled(orderId);
    await this.change(orderId, cancelled(reason));
  }

  /** The order was delivered: its money is taken. */
  async complete(orderId: string): Promise<void> {
    const payment = await this.change(orderId, delivered);
    if (!payment) throw new Error(`order ${orderId} was delivered without a payment`);
  }

  /** The customer owes `by` less. Before the payment was asked for there is nothing to do: it will be asked for with the new total. */
  async reduce(orderId: string, by: number): Promise<void> {
    if (by > 0) await this.change(orderId, reduced(by, 'ORDER_CHANGED'));
  }

  async getByOrder({ orderId }: Input<PaymentApi, 'getByOrder'>): Promise<Output<PaymentApi, 'getByOrder'>> {
    return paymentView(found(await this.payments.find({ orderId })));
  }

  async get(actor: Actor, id: string): Promise<PaymentView> {
    const payment = found(await this.payments.find({ id }));
    if (payment.customerId !== actor.id && !actor.roles.includes('admin')) throw notFound('payment');
    return paymentView(payment);
  }

  /** The actor's payments, an admin's are everybody's; newest first. */
  async list(actor: Actor, { orderId, limit, cursor }: PaymentQuery): Promise<Page<PaymentView>> {
    const customerId = actor.roles.includes('admin') ? undefined : actor.id;
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.uuid());
    const rows = await this.payments.list({ customerId, orderId, before, limit: limit + 1 });
    const { items, nextCursor } = paged(rows, limit, ({ id }) => id);
    return { items: items.map(paymentView), nextCursor };
  }

  private async change(orderId: string, rule: Rule): Promise<PaymentRow | undefined> {
    const payment = await this.transitions.change({ orderId }, rule);
    if (payment) this.worker.wake(payment);
    return payment;
  }

  private async giveUp(row: PaymentRow): Promise<void> {
    const off = { status: 'voided', cancelRequested: true, token: null, nextAction: null, nextTryAt: null } as const;
    const voided = await this.payments.update(row, off);
    if (voided) await this.transitions.opened(voided);
  }
}

function found(payment: PaymentRow | null): PaymentRow {
  if (!payment) throw notFound('payment');
  return payment;
}

/** A payment whose charge this process has claimed already: it begins at the commit. */
function newPayment(
  { orderId, customerId, amount, currency, method, paymentToken }: Request,
  claimEnd: string,
): PaymentRow {
  const at = now();
  const charge =
    method === 'cod'
      ? ({ status: 'recorded', token: null, nextAction: null, nextTryAt: null, tries: 0 } as const)
      : ({ status: 'initiated', nextAction: 'authorise', nextTryAt: claimEnd, tries: 1 } as const);
  const amounts = { amount, holdAmount: amount, capturedAmount: 0, refundedAmount: 0, currency };
  const meta = { version: 0, createdAt: at, updatedAt: at, cancelRequested: false };
  return { id: newId(), orderId, customerId, method, token: chargeable(paymentToken), ...amounts, ...meta, ...charge };
}

/** What cannot be a token is not kept: the provider refuses the charge without one. */
const chargeable = (token: string | undefined): string | null =>
  token && token.length <= TOKEN_MAX && !looksLikeCardNumber(token) ? token : null;
