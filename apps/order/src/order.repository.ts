import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import type { SelectQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { LIVE, type OrderStatus } from './order.js';
import { Order, OrderItem } from './order.entity.js';
import type { OrderKey } from './update.repository.js';

/** Where a list goes on: after the order that was placed then and has this id. */
export interface Position {
  placedAt: string;
  id: string;
}

/** Whose orders: nobody named is everybody's. */
export interface OrderFilter {
  customerId?: string;
  /** With a customer: theirs, and those of these stores. */
  storeIds?: readonly string[];
  status?: OrderStatus;
  from?: string;
  to?: string;
}

@Injectable()
export class OrderRepository {
  constructor(private readonly database: Database) {}

  async insert(order: Order, items: OrderItem[]): Promise<void> {
    const write = () => this.database.manager.createQueryBuilder().insert();
    await write().into(Order).values(order).updateEntity(false).execute();
    await write().into(OrderItem).values(items).updateEntity(false).execute();
  }

  find(id: string): Promise<Order | null> {
    // Not findOneBy: every step of the saga reads its order, and a plain query costs two thirds of that.
    return this.database.manager.createQueryBuilder(Order, 'o').where('o.id = :id', { id }).getOne();
  }

  /** The lines of these orders, each order's in its place. */
  itemsOf(...orders: OrderKey[]): Promise<OrderItem[]> {
    if (orders.length === 0) return Promise.resolve([]);
    const orderIds = orders.map(({ id }) => id);
    const customerIds = [...new Set(orders.map(({ customerId }) => customerId))];
    const query = this.database.manager
      .createQueryBuilder(OrderItem, 'i')
      .where('i.orderId IN (:...orderIds) AND i.customerId IN (:...customerIds)', { orderIds, customerIds });
    return query.orderBy('i.position', 'ASC').getMany();
  }

  /** Whether this generation of a cart has become an order. */
  isOrdered({ customerId, cartId, cartGeneration }: Order): Promise<boolean> {
    return this.database.manager.existsBy(Order, { customerId, cartId, cartGeneration });
  }

  async statusOf(id: string): Promise<OrderStatus | undefined> {
    const order = await this.database.manager.findOne(Order, { where: { id }, select: { id: true, status: true } });
    return order?.status;
  }

  /** Writes changes to the order as it was read; false when somebody was faster. */
  async change({ id, customerId, version }: Order, changes: QueryDeepPartialEntity<Order>): Promise<boolean> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(Order)
      .set({ ...changes, version: version + 1 })
      .where('id = :id AND customer_id = :customerId AND version = :version', { id, customerId, version })
      .updateEntity(false)
      .execute();
    return affected === 1;
  }

  /** Newest first. One more than `limit`, if there is. */
  list(filter: OrderFilter, limit: number, after?: Position): Promise<Order[]> {
    const { customerId, storeIds, status, from, to } = filter;
    const query = this.database.manager
      .createQueryBuilder(Order, 'o')
      .orderBy('o.placedAt', 'DESC')
      .addOrderBy('o.id', 'DESC')
      .limit(limit + 1);
    if (customerId && storeIds)
      query.andWhere('(o.customerId = :customerId OR o.storeId IN (:...storeIds))', { customerId, storeIds });
    else if (customerId) query.andWhere('o.customerId = :customerId', { customerId });
    if (status) query.andWhere('o.status = :status', { status });
    if (from) query.andWhere('o.placedAt >= :from', { from });
    if (to) query.andWhere('o.placedAt < :to', { to });
    return goOn(query, '<', after).getMany();
  }

  /** What a store has to pick, oldest first. One more than `limit`, if there is. */
  queue(storeId: string, limit: number, after?: Position): Promise<Order[]> {
    const query = this.database.manager
      .createQueryBuilder(Order, 'o')
      .where("o.storeId = :storeId AND o.status = 'confirmed'", { storeId })
      .orderBy('o.placedAt', 'ASC')
      .addOrderBy('o.id', 'ASC')
      .limit(limit + 1);
    return goOn(query, '>', after).getMany();
  }

  /** The ids of orders that have been pending since before an instant, oldest first. */
  async pendingSince(before: string, limit: number): Promise<string[]> {
    const rows = await this.database.manager
      .createQueryBuilder(Order, 'o')
      .select('o.id', 'id')
      .where("o.status = 'pending' AND o.placedAt < :before", { before })
      .orderBy('o.placedAt', 'ASC')
      .limit(limit)
      .getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  /** How many orders are in each of the states that somebody works on. */
  async countLive(): Promise<Map<OrderStatus, { count: number; oldest: string }>> {
    const rows = await this.database.manager
      .createQueryBuilder(Order, 'o')
      .select('o.status', 'status')
      .addSelect('COUNT(*)', 'count')
      .addSelect('MIN(o.placedAt)', 'oldest')
      .where('o.status IN (:...live)', { live: LIVE })
      .groupBy('o.status')
      .getRawMany<{ status: OrderStatus; count: number | string; oldest: string }>();
    return new Map(rows.map(({ status, count, oldest }) => [status, { count: Number(count), oldest }]));
  }
}

function goOn(query: SelectQueryBuilder<Order>, beyond: '<' | '>', after?: Position): SelectQueryBuilder<Order> {
  if (!after) return query;
  return query.andWhere(`(o.placedAt ${beyond} :placedAt OR (o.placedAt = :placedAt AND o.id ${beyond} :id))`, after);
}
