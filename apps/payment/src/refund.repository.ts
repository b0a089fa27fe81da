import { Injectable } from '@nestjs/common';
import { Database, newId, now } from '@nakku/database';
import { RefundRow } from './refund.entity.js';

/** As wide as the column: what an event says may be longer. */
const REASON_MAX = 200;

/** The refunds, done and not yet done. */
@Injectable()
export class RefundRepository {
  constructor(private readonly database: Database) {}

  /** Adds a refund that is due at once. */
  async insert(paymentId: string, amount: number, reason: string | undefined): Promise<RefundRow> {
    const at = now();
    const pending = { status: 'pending' as const, nextTryAt: at, tries: 0, doneAt: null };
    const row = {
      id: newId(),
      paymentId,
      amount,
      reason: reason?.slice(0, REASON_MAX) ?? null,
      createdAt: at,
      ...pending,
    };
    await this.database.manager.createQueryBuilder().insert().into(RefundRow).values(row).updateEntity(false).execute();
    return row;
  }

  due(limit: number): Promise<RefundRow[]> {
    return this.database.manager
      .createQueryBuilder(RefundRow, 'refund')
      .where('refund.nextTryAt <= :now', { now: now() })
      .orderBy('refund.nextTryAt')
      .take(limit)
      .getMany();
  }

  /** Takes a refund until `until`; false when somebody else has it. */
  async claim({ id, tries }: RefundRow, until: string): Promise<boolean> {
    return this.update(id, tries, { tries: tries + 1, nextTryAt: until });
  }

  /** Gives a claimed refund back, to be tried at `at`. */
  async postpone({ id, tries }: RefundRow, at: string): Promise<void> {
    await this.update(id, tries, { nextTryAt: at });
  }

  /** False when it was done before. */
  async finish(id: string): Promise<boolean> {
    return this.update(id, undefined, { status: 'done', nextTryAt: null, doneAt: now() });
  }

  private async update(id: string, tries: number | undefined, set: Partial<RefundRow>): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(RefundRow).set(set);
    update.where("id = :id AND status = 'pending'", { id });
    if (tries !== undefined) update.andWhere('tries = :tries', { tries });
    return (await update.execute()).affected === 1;
  }
}
