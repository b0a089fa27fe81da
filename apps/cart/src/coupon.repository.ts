import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { MoreThan } from 'typeorm';
import { Coupon, CouponCustomer } from './coupon.entity.js';

const HAS_ROOM = 'id = :id AND (total_uses IS NULL OR uses < total_uses)';
const CUSTOMER = 'coupon_id = :couponId AND customer_id = :customerId';

/** Coupons, and how often they are used. */
@Injectable()
export class CouponRepository {
  constructor(private readonly database: Database) {}

  async byCode(code: string): Promise<Coupon | undefined> {
    return (await this.database.manager.findOneBy(Coupon, { code })) ?? undefined;
  }

  /** One page, by code. */
  list(limit: number, after?: string): Promise<Coupon[]> {
    const where = after === undefined ? {} : { code: MoreThan(after) };
    return this.database.manager.find(Coupon, { where, order: { code: 'ASC' }, take: limit });
  }

  isEmpty(): Promise<boolean> {
    return this.database.manager.exists(Coupon).then((any) => !any);
  }

  async add(coupons: readonly Coupon[]): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(Coupon)
      .values([...coupons])
      .updateEntity(false)
      .execute();
  }

  /** False when there is no such code. */
  async remove(code: string): Promise<boolean> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .delete()
      .from(Coupon)
      .where('code = :code', { code })
      .execute();
    return affected === 1;
  }

  async usesBy(couponId: string, customerId: string): Promise<number> {
    return (await this.database.manager.findOneBy(CouponCustomer, { couponId, customerId }))?.uses ?? 0;
  }

  /** Takes one use; false when none is left. */
  async take(id: string): Promise<boolean> {
    const update = this.database.manager
      .createQueryBuilder()
      .update(Coupon)
      .set({ uses: () => 'uses + 1' });
    const { affected } = await update.where(HAS_ROOM, { id }).execute();
    return affected === 1;
  }

  /** Takes one of the customer's uses; false when none is left. Needs the lock that `take` holds on the coupon. */
  async takeOfCustomer(couponId: string, customerId: string, limit: number): Promise<boolean> {
    const { manager } = this.database;
    const update = manager
      .createQueryBuilder()
      .update(CouponCustomer)
      .set({ uses: () => 'uses + 1' });
    const { affected } = await update.where(`${CUSTOMER} AND uses < :limit`, { couponId, customerId, limit }).execute();
    if (affected === 1) return true;
    if ((await this.usesBy(couponId, customerId)) > 0) return false;
    const insert = manager.createQueryBuilder().insert().into(CouponCustomer);
    await insert.values({ couponId, customerId, uses: 1 }).updateEntity(false).execute();
    return true;
  }

  /** Gives one use back. */
  async giveBack(id: string, customerId: string): Promise<void> {
    const { manager } = this.database;
    const less = { uses: () => 'uses - 1' };
    await manager.createQueryBuilder().update(Coupon).set(less).where('id = :id AND uses > 0', { id }).execute();
    const customer = manager.createQueryBuilder().update(CouponCustomer).set(less);
    await customer.where(`${CUSTOMER} AND uses > 0`, { couponId: id, customerId }).execute();
  }
}
