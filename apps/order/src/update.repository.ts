import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In, MoreThan, Not } from 'typeorm';
import { OrderUpdate } from './update.entity.js';

@Injectable()
export class UpdateRepository {
  constructor(private readonly database: Database) {}

  /** Of positions only the newest is kept. */
  async insert(update: Omit<OrderUpdate, 'id'>): Promise<void> {
    const write = () => this.database.manager.createQueryBuilder();
    if (update.kind === 'position') {
      const { orderId, kind } = update;
      await write()
        .delete()
        .from(OrderUpdate)
        .where('order_id = :orderId AND kind = :kind', { orderId, kind })
        .execute();
    }
    await write().insert().into(OrderUpdate).values(update).updateEntity(false).execute();
  }

  timeline(orderId: string): Promise<OrderUpdate[]> {
    return this.database.manager.find(OrderUpdate, { where: { orderId, kind: Not('position') }, order: { id: 'ASC' } });
  }

  after(orderId: string, id: number): Promise<OrderUpdate[]> {
    return this.database.manager.find(OrderUpdate, { where: { orderId, id: MoreThan(id) }, order: { id: 'ASC' } });
  }

  /** The last of each kind, in their order. */
  async newest(orderId: string): Promise<OrderUpdate[]> {
    const last = await this.database.manager
      .createQueryBuilder(OrderUpdate, 'u')
      .select('MAX(u.id)', 'id')
      .where('u.orderId = :orderId', { orderId })
      .groupBy('u.kind')
      .getRawMany<{ id: number }>();
    return this.database.manager.find(OrderUpdate, {
      where: { id: In(last.map(({ id }) => id)) },
      order: { id: 'ASC' },
    });
  }
}
