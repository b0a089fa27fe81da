import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation } from '@nakku/database';
import type { ObjectLiteral } from 'typeorm';
import type { Span } from './analytics.js';
import { DeliveryFact, EventCount, OrderFact, ProductSale } from './analytics.entity.js';

type Row = Record<string, string | number | null>;

@Injectable()
export class AnalyticsRepository {
  constructor(private readonly database: Database) {}

  async count(day: string, type: string, storeId: string): Promise<void> {
    await this.upsert(
      EventCount,
      { count: () => 'count + 1' },
      { day, type, storeId },
      { day, type, storeId, count: 1 },
    );
  }

  async sell(row: ProductSale): Promise<void> {
    const { day, productId, quantity, amount, name } = row;
    const more = {
      quantity: () => `quantity + ${Math.trunc(quantity)}`,
      amount: () => `amount + ${Math.trunc(amount)}`,
      name,
    };
    await this.upsert(ProductSale, more, { day, productId }, row);
  }

  /** Moves an order on; what belongs to an earlier stage changes nothing. */
  async advance(row: OrderFact): Promise<void> {
    const { orderId, status, stage, total, reason, confirmedAt, endedAt } = row;
    const set = {
      status,
      stage,
      total,
      reason,
      ...(confirmedAt ? { confirmedAt } : {}),
      ...(endedAt ? { endedAt } : {}),
    };
    const update = this.database.manager.createQueryBuilder().update(OrderFact).set(set);
    const { affected } = await update.where('order_id = :orderId AND stage < :stage', { orderId, stage }).execute();
    if (affected !== 1) await this.insertOnce(OrderFact, row);
  }

  async placed(orderId: string, placedAt: string): Promise<void> {
    await this.database.manager.createQueryBuilder().update(OrderFact).set({ placedAt }).where({ orderId }).execute();
  }

  async ride(row: DeliveryFact): Promise<void> {
    await this.insertOnce(DeliveryFact, row);
  }

  byStatus(span: Span): Promise<Row[]> {
    return this.orders(span)
      .select('o.status', 'status')
      .addSelect('COUNT(*)', 'orders')
      .addSelect('SUM(o.total)', 'amount')
      .groupBy('o.status')
      .getRawMany();
  }

  async customers(span: Span): Promise<number> {
    const row = await this.orders(span).select('COUNT(DISTINCT o.customerId)', 'customers').getRawOne<Row>();
    return Number(row?.customers ?? 0);
  }

  async rides({ from, to }: Span): Promise<Row | undefined> {
    const query = this.database.manager
      .createQueryBuilder(DeliveryFact, 'd')
      .select('COUNT(*)', 'completed')
      .addSelect('AVG(d.minutes)', 'averageMinutes');
    return query
      .addSelect('MAX(d.minutes)', 'longestMinutes')
      .where('d.at >= :from AND d.at < :to', { from, to })
      .getRawOne<Row>();
  }

  events({ from, to }: Span): Promise<Row[]> {
    const query = this.database.manager
      .createQueryBuilder(EventCount, 'e')
      .select('e.type', 'type')
      .addSelect('SUM(e.count)', 'count');
    return query
      .where('e.day >= :from AND e.day <= :to', { from: from.slice(0, 10), to: to.slice(0, 10) })
      .groupBy('e.type')
      .getRawMany();
  }

  /** Orders and delivered amounts in buckets of the first `length` characters of the instant (10: days, 13: hours). */
  series(span: Span, length: 10 | 13): Promise<Row[]> {
    const bucket = `SUBSTR(o.placed_at, 1, ${length})`;
    const query = this.orders(span).select(bucket, 'at').addSelect('COUNT(*)', 'orders');
    query.addSelect(`SUM(CASE WHEN o.status = 'delivered' THEN o.total ELSE 0 END)`, 'revenueAmount');
    return query.groupBy(bucket).orderBy('at', 'ASC').getRawMany();
  }

  topProducts({ from, to }: Span, limit: number): Promise<Row[]> {
    const query = this.database.manager
      .createQueryBuilder(ProductSale, 's')
      .select('s.productId', 'productId')
      .addSelect('MAX(s.name)', 'name');
    query.addSelect('SUM(s.quantity)', 'quantity').addSelect('SUM(s.amount)', 'amount');
    query.where('s.day >= :from AND s.day <= :to', { from: from.slice(0, 10), to: to.slice(0, 10) });
    return query
      .groupBy('s.productId')
      .orderBy('quantity', 'DESC')
      .addOrderBy('s.productId', 'ASC')
      .limit(limit)
      .getRawMany();
  }

  stores(span: Span): Promise<Row[]> {
    const query = this.orders(span).select('o.storeId', 'storeId').addSelect('COUNT(*)', 'orders');
    query.addSelect(`SUM(CASE WHEN o.status = 'delivered' THEN 1 ELSE 0 END)`, 'delivered');
    query.addSelect(`SUM(CASE WHEN o.status = 'cancelled' THEN 1 ELSE 0 END)`, 'cancelled');
    query.addSelect(`SUM(CASE WHEN o.status = 'delivered' THEN o.total ELSE 0 END)`, 'revenueAmount');
    return query.groupBy('o.storeId').orderBy('orders', 'DESC').getRawMany();
  }

  private orders({ from, to }: Span) {
    return this.database.manager
      .createQueryBuilder(OrderFact, 'o')
      .where('o.placedAt >= :from AND o.placedAt < :to', { from, to });
  }

  private async upsert<T extends ObjectLiteral>(table: new () => T, set: object, key: object, row: T): Promise<void> {
    const update = () => this.database.manager.createQueryBuilder().update(table).set(set).where(key).execute();
    const { affected } = await update();
    if (affected === 0 && !(await this.insertOnce(table, row))) await update();
  }

  private async insertOnce<T extends ObjectLiteral>(table: new () => T, row: T): Promise<boolean> {
    try {
      await this.database.manager.createQueryBuilder().insert().into(table).values(row).updateEntity(false).execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
