import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation } from '@nakku/database';
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

  /** False when the order has one already. */
  async add(redemption: CouponRedemption): Promise<boolean> {
    const insert = this.database.manager.createQueryBuilder().insert().into(CouponRedemption).values(redemption);
    try {
      await insert.updateEntity(false).execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** Puts a redemption in the place of the one that the order returned; false when somebody else has. */
  async renew({ orderId, ...redemption }: CouponRedemption): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(CouponRedemption).set(redemption);
    return (await update.where("order_id = :orderId AND state = 'returned'", { orderId }).execute()).affected === 1;
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

  /** Orders whose hold has run out, the oldest first. */
  async lapsed(at: string, limit: number): Promise<string[]> {
    const where = { state: 'held' as const, heldUntil: LessThan(at) };
    const order = { heldUntil: 'ASC' as const };
    const select = { orderId: true, heldUntil: true };
    const rows = await this.database.manager.find(CouponRedemption, { select, where, order, take: limit });
    return rows.map(({ orderId }) => orderId);
  }
}
