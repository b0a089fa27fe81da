import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, now } from '@nakku/database';
import { CancelledOrder, PaymentRow } from './payment.entity.js';
import { WebhookRow } from './webhook.entity.js';

/** How a payment is found. */
export type PaymentKey = { id: string } | { orderId: string };

export interface PaymentFilter {
  customerId?: string;
  orderId?: string;
  /** Only rows older than this one. */
  before?: string;
  limit: number;
}

/** Payments, the orders that are off, and the webhooks that were received. */
@Injectable()
export class PaymentRepository {
  constructor(private readonly database: Database) {}

  find(key: PaymentKey): Promise<PaymentRow | null> {
    return this.database.manager.findOneBy(PaymentRow, key);
  }

  /** As `find`, and nobody else changes it until the transaction ends. One that is being inserted at this moment is waited for. */
  lock(key: PaymentKey): Promise<PaymentRow | null> {
    return this.database.forUpdate(this.database.manager.createQueryBuilder(PaymentRow, 'payment').where(key)).getOne();
  }

  /** False when the order has a payment already. */
  insert(row: PaymentRow): Promise<boolean> {
    return this.insertOnce(PaymentRow, row);
  }

  /** Writes a change of the payment as it was read; undefined when somebody has changed it since. */
  async update(seen: PaymentRow, set: Partial<PaymentRow>): Promise<PaymentRow | undefined> {
    const all = { ...set, version: seen.version + 1, updatedAt: now() };
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(PaymentRow)
      .set(all)
      .where('id = :id AND status = :status AND version = :version', seen)
      .execute();
    return affected === 1 ? { ...seen, ...all } : undefined;
  }

  /** Payments whose next action is due, those that wait longest first. */
  due(limit: number): Promise<PaymentRow[]> {
    return this.database.manager
      .createQueryBuilder(PaymentRow, 'payment')
      .where('payment.nextTryAt <= :now', { now: now() })
      .orderBy('payment.nextTryAt')
      .take(limit)
      .getMany();
  }

  /** Newest first. */
  list({ customerId, orderId, before, limit }: PaymentFilter): Promise<PaymentRow[]> {
    const query = this.database.manager
      .createQueryBuilder(PaymentRow, 'payment')
      .orderBy('payment.id', 'DESC')
      .take(limit);
    if (customerId) query.andWhere('payment.customerId = :customerId', { customerId });
    if (orderId) query.andWhere('payment.orderId = :orderId', { orderId });
    if (before) query.andWhere('payment.id < :before', { before });
    return query.getMany();
  }

  /** Remembers that an order is off. */
  async rememberCancelled(orderId: string): Promise<void> {
    await this.insertOnce(CancelledOrder, { orderId, cancelledAt: now() });
  }

  /** Whether an order is off; should somebody be about to say so, waits for that. */
  async isCancelled(orderId: string): Promise<boolean> {
    const query = this.database.manager.createQueryBuilder(CancelledOrder, 'cancelled').where({ orderId });
    return (await this.database.forUpdate(query).getOne()) !== null;
  }

  /** False when this event was received before. */
  rememberWebhook(provider: string, eventId: string): Promise<boolean> {
    return this.insertOnce(WebhookRow, { provider, eventId, receivedAt: now() });
  }

  private async insertOnce<T extends object>(type: new () => T, row: T): Promise<boolean> {
    try {
      await this.database.manager
        .createQueryBuilder()
        .insert()
        .into(type)
        .values({ ...row })
        .updateEntity(false)
        .execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
