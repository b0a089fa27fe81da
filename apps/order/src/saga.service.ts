import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { Periodic } from '@nakku/runtime';
import { EventBus } from '@nakku/transport';
import * as announcement from './announcement.js';
import { LIVE, next, SAGA, type Step } from './order.js';
import type { Order } from './order.entity.js';
import { OrderRepository } from './order.repository.js';
import type { UpdateActor, UpdateDetail, UpdateKind } from './update.entity.js';
import { UpdateService } from './update.service.js';

/** What came to be known with a step. */
export interface Fact {
  /** The saga itself, if nobody is named. */
  actor?: UpdateActor;
  /** `status`, if nothing else is said. */
  kind?: UpdateKind;
  detail?: UpdateDetail;
  changes?: Partial<Order> | ((order: Order, at: string) => Partial<Order>);
}

/** Why an order was cancelled, as clients see it. */
export type CancelReason = 'OUT_OF_STOCK' | 'PAYMENT_DECLINED' | 'TIMEOUT' | 'NO_RIDER' | 'CUSTOMER' | 'STORE';

const GAUGE_MS = 5000;

/** Moves orders along the saga: state, timeline and what is told to the others change in one transaction, or not at all. */
@Injectable()
export class SagaService implements OnModuleInit {
  private readonly gauge;
  private readonly oldest;
  private readonly confirmSeconds;

  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly updates: UpdateService,
    private readonly events: EventBus,
    private readonly periodic: Periodic,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge('nakku_saga_orders', 'Orders that are not finished', ['status']);
    this.oldest = metrics.gauge('nakku_saga_oldest_seconds', 'Since when the oldest order of a status was placed', [
      'status',
    ]);
    this.confirmSeconds = metrics.histogram('nakku_order_confirm_seconds', 'From placing an order to its confirmation');
  }

  onModuleInit(): void {
    this.periodic.every(GAUGE_MS, 'saga gauge', () => this.measure());
  }

  /** Takes a step inside the running transaction; undefined when the order's state does not allow it (late, twice, out of turn). */
  async take(
    orderId: string,
    step: Step,
    { actor = 'system', kind = 'status', detail, changes = {} }: Fact = {},
  ): Promise<Order | undefined> {
    for (;;) {
      const before = await this.orders.find(orderId);
      const status = before && next(before, step);
      if (!status) return undefined;
      const at = now();
      const more = typeof changes === 'function' ? changes(before, at) : changes;
      // By its first step the payment was asked for, or never will be: the token is not kept.
      const set = { ...more, status, updatedAt: at, paymentToken: null };
      if (!(await this.orders.change(before, set))) continue; // somebody was faster: look again
      const after: Order = { ...before, ...set, version: before.version + 1 };
      await this.updates.record(after, { kind, event: SAGA[step].event, actor, detail }, at);
      await this.announce(step, before, after);
      return after;
    }
  }

  /** A step that ends in `cancelled`. */
  cancel(
    orderId: string,
    step: Step,
    cancelReason: CancelReason,
    fact: Pick<Fact, 'actor' | 'detail'> = {},
  ): Promise<Order | undefined> {
    return this.take(orderId, step, {
      ...fact,
      detail: { reason: cancelReason, ...fact.detail },
      changes: { cancelReason },
    });
  }

  async measure(): Promise<void> {
    const counts = await this.orders.countLive();
    for (const status of LIVE) {
      const { count = 0, oldest } = counts.get(status) ?? {};
      this.gauge.set({ status }, count);
      this.oldest.set({ status }, oldest ? Math.max(0, (Date.now() - Date.parse(oldest)) / 1000) : 0);
    }
  }

  private async announce(step: Step, before: Order, after: Order): Promise<void> {
    switch (SAGA[step].event) {
      case 'order.payment_requested':
        return this.events.publish(announcement.paymentRequested(after, before.paymentToken));
      case 'order.confirmed': {
        // The order may have been placed by a host whose clock is ahead.
        const seconds = Math.max(0, (Date.now() - Date.parse(after.placedAt)) / 1000);
        this.database.afterCommit(() => this.confirmSeconds.observe(seconds));
        return this.events.publish(announcement.confirmed(after, await this.orders.itemsOf(after)));
      }
      case 'order.packed':
        return this.events.publish(announcement.packed(after));
      case 'order.cancelled':
        return this.events.publish(announcement.cancelled(after, before.status));
      case 'order.completed':
        return this.events.publish(announcement.completed(after));
    }
  }
}
