import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { conflict, Idempotency } from '@nakku/rpc';
import { orderView, type OrderView } from './order.dto.js';
import { OrderRepository } from './order.repository.js';
import { SagaService } from './saga.service.js';

/** What the people in a store do with an order. */
@Injectable()
export class PickingService {
  constructor(
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly saga: SagaService,
    private readonly idempotency: Idempotency,
  ) {}

  /** Packs a confirmed order; 409 `ORDER_NOT_PACKABLE` in any other state. */
  pack(orderId: string): Promise<OrderView> {
    return this.database.transaction(async () => {
      const order = await this.saga.take(orderId, 'packed', { actor: 'store' });
      if (!order) throw conflict('ORDER_NOT_PACKABLE', 'Only a confirmed order can be packed.');
      const view = orderView(order, await this.orders.itemsOf(order));
      await this.idempotency.complete(200, view);
      return view;
    });
  }
}
