import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, now } from '@nakku/database';
import { SandboxCharge, SandboxRefund } from './sandbox.entity.js';

type ChargeStatus = SandboxCharge['status'];

/** The sandbox's memory. Every method is one transaction of its own, as an outside system would have it. */
@Injectable()
export class SandboxRepository {
  constructor(private readonly database: Database) {}

  find(paymentId: string): Promise<SandboxCharge | null> {
    return this.database.manager.findOneBy(SandboxCharge, { paymentId });
  }

  /** Takes a charge in, once; gives what is known of it with this attempt counted. */
  take(charge: SandboxCharge): Promise<SandboxCharge> {
    const { paymentId } = charge;
    return this.database.transaction(async () => {
      const counted =
        (await this.countAttempt(paymentId)) || (await this.insert(SandboxCharge, { ...charge, attempts: 1 }));
      if (!counted) await this.countAttempt(paymentId); // it came in at this moment
      return this.database.manager.findOneByOrFail(SandboxCharge, { paymentId });
    });
  }

  /** Settles a charge whose webhook is due, and takes the webhook until `until`; false when somebody else has it. */
  claim({ paymentId, webhookAt }: SandboxCharge, until: string): Promise<boolean> {
    return this.database.transaction(async () => {
      const update = this.database.manager.createQueryBuilder().update(SandboxCharge);
      update.set({ status: 'authorised', webhookAt: until });
      update.where('payment_id = :paymentId AND webhook_at = :webhookAt', { paymentId, webhookAt });
      return (await update.andWhere("status IN ('pending', 'authorised')").execute()).affected === 1;
    });
  }

  /** Moves a charge on from one of these statuses; false when it is in none of them. */
  move(paymentId: string, from: readonly ChargeStatus[], set: Partial<SandboxCharge>): Promise<boolean> {
    return this.database.transaction(async () => {
      const update = this.database.manager.createQueryBuilder().update(SandboxCharge).set(set);
      update.where('payment_id = :paymentId AND status IN (:...from)', { paymentId, from });
      return (await update.execute()).affected === 1;
    });
  }

  /** Makes a refund once; false when more would go back than was captured. */
  refund(refund: SandboxRefund): Promise<boolean> {
    const { paymentId, amount } = refund;
    return this.database.transaction(async () => {
      if (!(await this.insert(SandboxRefund, refund))) return true;
      const update = this.database.manager.createQueryBuilder().update(SandboxCharge);
      update.set({ refundedAmount: () => 'refunded_amount + :amount' }).setParameter('amount', amount);
      update.where('payment_id = :paymentId AND captured_amount - refunded_amount >= :amount', { paymentId, amount });
      if ((await update.execute()).affected === 1) return true;
      await this.database.manager.delete(SandboxRefund, { refundId: refund.refundId });
      return false;
    });
  }

  /** Charges of which a webhook is due. */
  untold(limit: number): Promise<SandboxCharge[]> {
    return this.database.manager
      .createQueryBuilder(SandboxCharge, 'charge')
      .where('charge.webhookAt <= :now', { now: now() })
      .orderBy('charge.webhookAt')
      .take(limit)
      .getMany();
  }

  /** False when the charge is not known. */
  private async countAttempt(paymentId: string): Promise<boolean> {
    const count = this.database.manager.createQueryBuilder().update(SandboxCharge);
    count.set({ attempts: () => 'attempts + 1' });
    return (await count.where({ paymentId }).execute()).affected === 1;
  }

  private async insert<T extends object>(type: new () => T, row: T): Promise<boolean> {
    try {
      const values = { ...row };
      await this.database.manager.createQueryBuilder().insert().into(type).values(values).updateEntity(false).execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
