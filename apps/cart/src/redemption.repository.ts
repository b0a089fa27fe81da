import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { LessThan } from 'typeorm';
import { CouponRedemption } from './coupon.entity.js';

export type RedemptionState = CouponRedemption['state'];

/** Which order uses which coupon. */
@Injectable()
export class RedemptionRepository {
  constructor(private readonly database: Database) {}

  async byOrder(orderId: string): Promise<CouponRedemption | undefined> {
    return (await this.database.manager.findOneBy(CouponRedemption, { orderId })) ?? undefined;
  }

  async add(redemption: CouponRedemption): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(CouponRedemption)
      .values(redemption)
      .updateEntity(false)
      .execute();
  }

  async delete(orderId: string): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .delete()
      .from(CouponRedemption)
      .where('order_id = :orderId', { orderId })
      .execute();
  }

  /** Moves an order's redemption on; false when it was in none of the states `from`. */
  async move(orderId: string, from: readonly RedemptionState[], state: RedemptionState): Promise<boolean> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(CouponRedemption)
      .set({ state })
      .where('order_id = :orderId AND state IN (:...from)', { orderId, from })
      .execute();
    return affected === 1;
  }

  /** Orders whose hold has run out. */
  async lapsed(at: string, limit: number): Promise<string[]> {
    const where = { state: 'held' as const, heldUntil: LessThan(at) };
    const rows = await this.database.manager.find(CouponRedemption, { select: { orderId: true }, where, take: limit });
    return rows.map(({ orderId }) => orderId);
  }
}
