import { Injectable } from '@nestjs/common';
import { type AnalyticsApi, DEFAULT_CURRENCY } from '@nakku/contracts';
import { dayOf, type Span, STAGES, type Stage } from './analytics.js';
import type { OrderFact } from './analytics.entity.js';
import { AnalyticsRepository } from './analytics.repository.js';

/** What an order event tells. */
export interface OrderNews {
  orderId: string;
  storeId: string;
  customerId: string;
  total: number;
  currency: string;
  reason?: string;
}

@Injectable()
export class AnalyticsService implements AnalyticsApi {
  constructor(private readonly facts: AnalyticsRepository) {}

  /** Counts an event on its day. */
  count(type: string, at: string, storeId = ''): Promise<void> {
    return this.facts.count(dayOf(at), type, storeId);
  }

  /** Notes how far an order is. */
  async order(news: OrderNews, status: Stage, at: string): Promise<void> {
    const { orderId, storeId, customerId, total, currency, reason = null } = news;
    const stage = STAGES[status];
    const row: OrderFact = {
      ...{ orderId, storeId, customerId, total, currency, reason, status, stage, placedAt: at },
      confirmedAt: status === 'confirmed' ? at : null,
      endedAt: stage === 9 ? at : null,
    };
    await this.facts.advance(row);
    if (status === 'pending') await this.facts.placed(orderId, at);
  }

  async sold(
    items: { productId: string; name: string; quantity: number; lineTotal: number }[],
    at: string,
  ): Promise<void> {
    // In one order for everybody: two orders of the same products then wait for each other instead of dead-locking.
    for (const { productId, name, quantity, lineTotal } of items.toSorted(byProduct)) {
      await this.facts.sell({ day: dayOf(at), productId, name, quantity, amount: lineTotal });
    }
  }

  ride(ride: { jobId: string; riderId: string; storeId: string; minutes: number }, at: string): Promise<void> {
    return this.facts.ride({ ...ride, at });
  }

  async summary(span: Span) {
    const [statuses, customers, rides, events] = await Promise.all([
      this.facts.byStatus(span),
      this.facts.customers(span),
      this.facts.rides(span),
      this.facts.events(span),
    ]);
    const orders: Record<string, number> = {
      pending: 0,
      confirmed: 0,
      packed: 0,
      delivered: 0,
      cancelled: 0,
      failed: 0,
    };
    for (const { status, orders: count } of statuses) orders[String(status)] = Number(count);
    const placed = Object.values(orders).reduce((sum, count) => sum + count, 0);
    const revenueAmount = Number(statuses.find(({ status }) => status === 'delivered')?.amount ?? 0);
    const delivered = orders.delivered ?? 0;
    const counts = Object.fromEntries(events.map(({ type, count }) => [String(type), Number(count)]));
    return {
      ...span,
      orders: { placed, ...orders },
      revenueAmount,
      averageOrderAmount: delivered === 0 ? 0 : Math.round(revenueAmount / delivered),
      currency: DEFAULT_CURRENCY,
      customers,
      stockOuts: counts['inventory.out_of_stock'] ?? 0,
      delivery: { completed: Number(rides?.completed ?? 0), averageMinutes: round1(rides?.averageMinutes) },
      events: counts,
    };
  }

  async timeseries(span: Span, interval: 'hour' | 'day') {
    const rows = await this.facts.series(span, interval === 'day' ? 10 : 13);
    const tail = interval === 'day' ? 'T00:00:00.000Z' : ':00:00.000Z';
    return list(
      rows.map(({ at, orders, revenueAmount }) => ({
        at: `${at}${tail}`,
        orders: Number(orders),
        revenueAmount: Number(revenueAmount),
      })),
    );
  }

  async topProducts(span: Span, limit: number) {
    const rows = await this.facts.topProducts(span, limit);
    return list(
      rows.map(({ productId, name, quantity, amount }) => ({
        productId: String(productId),
        name: String(name),
        quantity: Number(quantity),
        amount: Number(amount),
      })),
    );
  }

  async stores(span: Span) {
    const rows = await this.facts.stores(span);
    return list(
      rows.map(({ storeId, orders, delivered, cancelled, revenueAmount }) => ({
        ...{ storeId: String(storeId), orders: Number(orders), delivered: Number(delivered) },
        ...{ cancelled: Number(cancelled), revenueAmount: Number(revenueAmount) },
      })),
    );
  }

  async delivery(span: Span) {
    const row = await this.facts.rides(span);
    return {
      ...span,
      completed: Number(row?.completed ?? 0),
      averageMinutes: round1(row?.averageMinutes),
      longestMinutes: Number(row?.longestMinutes ?? 0),
    };
  }
}

const byProduct = (a: { productId: string }, b: { productId: string }) => (a.productId < b.productId ? -1 : 1);
const list = <T>(items: T[]) => ({ items, nextCursor: null });
const round1 = (value: string | number | null | undefined): number => Math.round(Number(value ?? 0) * 10) / 10;
