import { Injectable, type OnModuleInit } from '@nestjs/common';
import { worksAt } from '@nakku/auth';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { conflict, Idempotency } from '@nakku/rpc';
import { Periodic } from '@nakku/runtime';
import { OrderSettings } from './order.config.js';
import { orderView, type OrderView } from './order.dto.js';
import type { Order } from './order.entity.js';
import { OrderRepository } from './order.repository.js';
import { SagaService } from './saga.service.js';

const EVERY_MS = 1000;
const BATCH = 100;
/** Each takes a connection of the pool, which belongs to customers first. */
const AT_ONCE = 4;

/** Cancels orders: for those who ask for it, and those that hang. */
@Injectable()
export class CancellingService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly saga: SagaService,
    private readonly idempotency: Idempotency,
    private readonly settings: OrderSettings,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(EVERY_MS, 'order timeouts', () => this.cancelOverdue());
  }

  /** Cancels for a customer (pending, confirmed) or the store (packed too); 409 `ORDER_NOT_CANCELLABLE` otherwise. */
  cancel(actor: Actor, { id, storeId }: Order, text?: string): Promise<OrderView> {
    const [step, reason, who] = worksAt(actor, storeId)
      ? (['cancelledByStore', 'STORE', 'store'] as const)
      : (['cancelledByCustomer', 'CUSTOMER', 'customer'] as const);
    return this.database.transaction(async () => {
      const order = await this.saga.cancel(id, step, reason, { actor: who, detail: text ? { text } : {} });
      if (!order)
        throw conflict('ORDER_NOT_CANCELLABLE', 'The order has come too far to be cancelled, or is cancelled already.');
      const view = orderView(order, await this.orders.itemsOf(order));
      await this.idempotency.complete(200, view);
      return view;
    });
  }

  /** Gives up what hangs: stock goes back and money too, as after any cancelling. Of two processes that find one order, one cancels it. */
  async cancelOverdue(): Promise<void> {
    const before = new Date(Date.now() - this.settings.ORDER_TIMEOUT_MS).toISOString();
    const overdue = await this.orders.pendingSince(before, BATCH);
    while (overdue.length > 0) await Promise.all(overdue.splice(0, AT_ONCE).map((id) => this.giveUp(id)));
  }

  private giveUp(id: string): Promise<Order | undefined> {
    return this.database.transaction(() => this.saga.cancel(id, 'timedOut', 'TIMEOUT'));
  }
}
