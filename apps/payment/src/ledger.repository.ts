import { Injectable } from '@nestjs/common';
import { Database, newId, now } from '@nakku/database';
import { type Movement, sides } from './ledger.js';
import { LedgerRow } from './ledger.entity.js';
import type { PaymentRow } from './payment.entity.js';

export interface LedgerFilter {
  orderId?: string;
  paymentId?: string;
  /** Only rows older than this one. */
  before?: string;
  limit: number;
}

/** The double-entry book of all money taken and given back. */
@Injectable()
export class LedgerRepository {
  constructor(private readonly database: Database) {}

  /** Writes both sides of a movement; call it in the transaction that marks it. */
  async book(movement: Movement, payment: PaymentRow, amount: number): Promise<void> {
    const { id: paymentId, orderId, currency, method } = payment;
    const both = { transactionId: newId(), orderId, paymentId, amount, currency, at: now() };
    const rows = sides(movement, method).map((side) => ({ id: newId(), ...both, ...side }));
    const { manager } = this.database;
    await manager.createQueryBuilder().insert().into(LedgerRow).values(rows).updateEntity(false).execute();
  }

  /** Newest first. */
  list({ orderId, paymentId, before, limit }: LedgerFilter): Promise<LedgerRow[]> {
    const query = this.database.manager.createQueryBuilder(LedgerRow, 'row').orderBy('row.id', 'DESC').take(limit);
    if (orderId) query.andWhere('row.orderId = :orderId', { orderId });
    if (paymentId) query.andWhere('row.paymentId = :paymentId', { paymentId });
    if (before) query.andWhere('row.id < :before', { before });
    return query.getMany();
  }
}
