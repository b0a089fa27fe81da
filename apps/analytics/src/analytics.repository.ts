import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation } from '@nakku/database';
import type { ObjectLiteral } from 'typeorm';
import type { Span } from './analytics.js';
import { DeliveryFact, EventCount, OrderFact, ProductSale } from './analytics.entity.js';

const SLOTS = 8;

type Row = Record<string, string | number | null>;

@Injectable()
export class AnalyticsRepository {
  constructor(private readonly database: Database) {}

  async count(day: string, type: string, storeId: string): Promise<void> {
    const key = { day, type, storeId, slot: Math.floor(Math.random() * SLOTS) };
    await this.add(EventCount, { ...key, count: 0 }, key, { count: () => '`count` + 1' });
  }

  async sell(row: ProductSale): Promise<void> {
    const { day, productId, quantity, amount, name } = row;
    await this.add(
      ProductSale,
      { ...row, quantity: 0, amount: 0 },
      { day, productId },
      {
        quantity: () => `quantity + ${Math.trunc(quantity)}`,
        amount: () => `amount + ${Math.trunc(amount)}`,
        name,
      },
    );
  }

  /** Moves an order on; what belongs to an earlier stage changes nothing. */
  async advance(row: OrderFact): Promise<void> {
    // A second look decides when somebody else has told of the order between the first one and the insert.
    if ((await this.overtake(row)) || (await this.insertOnce(OrderFact, row))) return;
    await this.overtake(row);
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

  private async overtake({ orderId, status, stage, total, reason, confirmedAt, endedAt }: OrderFact): Promise<boolean> {
    const times = { ...(confirmedAt ? { confirmedAt } : {}), ...(endedAt ? { endedAt } : {}) };
    const update = this.database.manager.createQueryBuilder().update(OrderFact);
    const { affected } = await update
      .set({ status, stage, total, reason, ...times })
      .where('order_id = :orderId AND stage < :stage', { orderId, stage })
      .execute();
    return affected === 1;
  }

  /** Adds to a row. One that is not there begins with nothing; that several begin it at once is no matter. */
  private async add<T extends ObjectLiteral>(table: new () => T, none: T, key: object, more: object): Promise<void> {
    const { manager } = this.database;
    const update = () => manager.createQueryBuilder().update(table).set(more).where(key).execute();
    if ((await update()).affected === 1) return;
    const columns = manager.connection.getMetadata(table).primaryColumns.map(({ databaseName }) => databaseName);
    // Not `orIgnore`: where the row is there after all, that would lock it for reading only, and two who then both write would dead-lock.
    const insert = manager.createQueryBuilder().insert().into(table).values(none).orUpdate(columns, columns);
    await insert.updateEntity(false).execute();
    await update();
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
