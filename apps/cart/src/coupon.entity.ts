import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CouponKind } from './coupon.js';

/** A coupon. Amounts are in minor units. */
@Entity('coupons')
export class Coupon {
  /** A code may be deleted and given out again: uses are counted by id. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  /** In capitals. */
  @Index('coupons_code', { unique: true })
  @Column('varchar', { length: 64 })
  code!: string;
  @Column('varchar', { length: 16 })
  kind!: CouponKind;
  @Column('integer')
  value!: number;
  @Column('integer', { name: 'min_total', nullable: true })
  minTotal!: number | null;
  @Column('integer', { name: 'per_customer', nullable: true })
  perCustomer!: number | null;
  @Column('integer', { name: 'total_uses', nullable: true })
  totalUses!: number | null;
  @Column('varchar', { name: 'starts_at', length: 24, nullable: true })
  startsAt!: string | null;
  @Column('varchar', { name: 'ends_at', length: 24, nullable: true })
  endsAt!: string | null;
  /** Held and used redemptions. */
  @Column('integer')
  uses!: number;
}

/** One use of a coupon by an order. `held` until the order is known to exist; `returned` no longer counts. */
@Entity('coupon_redemptions')
@Index('coupon_redemptions_held', ['state', 'heldUntil'])
export class CouponRedemption {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'coupon_id', length: 36 })
  couponId!: string;
  @Column('varchar', { length: 64 })
  code!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { length: 16 })
  state!: 'held' | 'used' | 'returned';
  @Column('varchar', { name: 'held_until', length: 24 })
  heldUntil!: string;
}

/** How many uses of a coupon a customer has; only of coupons with a limit per customer. */
@Entity('coupon_customers')
export class CouponCustomer {
  @PrimaryColumn('varchar', { name: 'coupon_id', length: 36 })
  couponId!: string;
  @PrimaryColumn('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('integer')
  uses!: number;
}
