import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { MoreThan, Not } from 'typeorm';
import type { Order } from './order.entity.js';
import { OrderUpdate } from './update.entity.js';

/** Which order, and whose: its rows are found in one shard. */
export type OrderKey = Pick<Order, 'id' | 'customerId'>;

const of = ({ id: orderId, customerId }: OrderKey) => ({ orderId, customerId });

@Injectable()
export class UpdateRepository {
  constructor(private readonly database: Database) {}

  /** Of positions only the newest is kept. */
  async insert(update: OrderUpdate): Promise<void> {
    const write = () => this.database.manager.createQueryBuilder();
    if (update.kind === 'position') {
      const { orderId, customerId, kind } = update;
      await write().delete().from(OrderUpdate).where({ orderId, customerId, kind }).execute();
    }
    await write().insert().into(OrderUpdate).values(update).updateEntity(false).execute();
  }

  timeline(order: OrderKey): Promise<OrderUpdate[]> {
    const where = { ...of(order), kind: Not('position' as const) };
    return this.database.manager.find(OrderUpdate, { where, order: { seq: 'ASC' } });
  }

  /** What followed an update, in its order; everything without one. */
  after(order: OrderKey, seq = 0): Promise<OrderUpdate[]> {
    const where = { ...of(order), seq: MoreThan(seq) };
    return this.database.manager.find(OrderUpdate, { where, order: { seq: 'ASC' } });
  }
}
