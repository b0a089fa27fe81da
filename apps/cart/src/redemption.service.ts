import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type CartApi, OrderApi } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import { type Input, Problem } from '@nakku/rpc';
import { Periodic } from '@nakku/runtime';
import { isRunning, normalised, refusal, refused } from './coupon.js';
import { CouponRepository } from './coupon.repository.js';
import { RedemptionRepository, type RedemptionState } from './redemption.repository.js';

const HOLD_MS = 5 * 60_000;
const SWEEP_MS = 30_000;
const SWEEP_SIZE = 100;

/** Counts the uses of coupons: held for an order that is being placed, used once it exists, returned when it falls through. */
@Injectable()
export class RedemptionService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    private readonly redemptions: RedemptionRepository,
    private readonly orders: OrderApi,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(SWEEP_MS, 'lapsed coupon holds', () => this.settleLapsed());
  }

  /** Holds a use for the order; again for the same order changes nothing. 422 `COUPON_USED_UP` or `COUPON_INVALID`. */
  hold(input: Input<CartApi, 'redeemCoupon'>): Promise<void> {
    return this.database.transaction(() => this.holdOnce(input));
  }

  /** The order exists: the hold does not lapse any more. */
  async confirm(orderId: string): Promise<void> {
    await this.redemptions.move(orderId, ['held'], 'used');
  }

  /** Gives the order's use back, if it has one; the second time changes nothing. */
  giveBack(orderId: string): Promise<void> {
    return this.database.transaction(() => this.giveBackFrom(orderId, ['held', 'used']));
  }

  /** A hold lapses only if its order was never made: `order.created` may be late, and the discount is given by then. */
  async settleLapsed(): Promise<void> {
    for (const orderId of await this.redemptions.lapsed(now(), SWEEP_SIZE)) {
      const stands = await this.stands(orderId);
      // Not one that is used by now: its order was made after we were told that there is none.
      await this.database.transaction(() => (stands ? this.confirm(orderId) : this.giveBackFrom(orderId, ['held'])));
    }
  }

  private async holdOnce({ code, customerId, orderId }: Input<CartApi, 'redeemCoupon'>): Promise<void> {
    const known = await this.redemptions.byOrder(orderId);
    if (known && known.state !== 'returned') return;
    const coupon = await this.coupons.byCode(normalised(code));
    if (!coupon || !isRunning(coupon, now())) throw refused(refusal('COUPON_INVALID'));
    const heldUntil = new Date(Date.now() + HOLD_MS).toISOString();
    const { id, perCustomer } = coupon;
    const held = { orderId, couponId: id, code: coupon.code, customerId, state: 'held' as const, heldUntil };
    const isFirst = await (known ? this.redemptions.renew(held) : this.redemptions.add(held));
    // The same call is running beside this one and was faster: its outcome is ours.
    if (!isFirst) return;
    const taken =
      (await this.coupons.take(id)) &&
      (perCustomer === null || (await this.coupons.takeOfCustomer(id, customerId, perCustomer)));
    if (!taken) throw refused(refusal('COUPON_USED_UP'));
  }

  private async giveBackFrom(orderId: string, states: readonly RedemptionState[]): Promise<void> {
    if (!(await this.redemptions.move(orderId, states, 'returned'))) return;
    const { couponId, customerId } = (await this.redemptions.byOrder(orderId))!;
    await this.coupons.giveBack(couponId, customerId);
  }

  private async stands(orderId: string): Promise<boolean> {
    try {
      return (await this.orders.get({ orderId })).status !== 'cancelled';
    } catch (error) {
      if (error instanceof Problem && error.code === 'ORDER_NOT_FOUND') return false;
      throw error;
    }
  }
}
