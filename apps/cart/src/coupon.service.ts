import { Injectable } from '@nestjs/common';
import { cartUpdated } from '@nakku/contracts';
import { Database, isUniqueViolation, newId } from '@nakku/database';
import { conflict, decodeCursor, notFound, type Page, paged, type PageQuery } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { z } from 'zod';
import type { CartView } from './cart.dto.js';
import { CartRepository, type StoredCart } from './cart.repository.js';
import type { CouponView, NewCoupon } from './coupon.dto.js';
import type { Coupon } from './coupon.entity.js';
import { normalised, refused } from './coupon.js';
import { CouponRepository } from './coupon.repository.js';
import { PricingService } from './pricing.service.js';

/** Coupons as admins keep them and customers put them on their carts. */
@Injectable()
export class CouponService {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
    private readonly carts: CartRepository,
    private readonly pricing: PricingService,
    private readonly events: EventBus,
  ) {}

  /** Puts a coupon on the customer's cart; 422 when it would give nothing. */
  async apply(customerId: string, code: string): Promise<CartView> {
    const coupon = await this.coupons.byCode(normalised(code));
    const { subtotal } = await this.pricing.view((await this.carts.find({ customerId })) ?? NOTHING);
    const refusal = await this.pricing.refusalOf(coupon, customerId, subtotal);
    if (refusal) throw refused(refusal);
    return this.setOn(customerId, coupon!.code);
  }

  async takeOff(customerId: string): Promise<CartView> {
    return this.setOn(customerId, null);
  }

  /** 409 `COUPON_EXISTS` for a code that is in use. */
  async create(fields: NewCoupon): Promise<CouponView> {
    const coupon = newCoupon(fields);
    try {
      await this.database.transaction(() => this.coupons.add([coupon]));
    } catch (error) {
      if (isUniqueViolation(error))
        throw conflict('COUPON_EXISTS', 'There is a coupon with this code: delete it first.');
      throw error;
    }
    return couponView(coupon);
  }

  async list({ limit, cursor }: PageQuery): Promise<Page<CouponView>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.string()]))[0];
    const { items, nextCursor } = paged(await this.coupons.list(limit + 1, after), limit, ({ code }) => [code]);
    return { items: items.map(couponView), nextCursor };
  }

  /** Carts that have it are told when they are looked at; orders keep what it gave them. */
  async remove(code: string): Promise<void> {
    const removed = await this.database.transaction(() => this.coupons.remove(normalised(code)));
    if (!removed) throw notFound('coupon');
  }

  private async setOn(customerId: string, code: string | null): Promise<CartView> {
    const cart = await this.database.transaction(async () => {
      const { couponCode: _old, ...known } = await this.carts.open({ customerId });
      await this.carts.setCoupon(known.id, code);
      await this.events.publish(cartUpdated({ cartId: known.id, customerId, lines: known.lines.length }));
      return { ...known, ...(code === null ? {} : { couponCode: code }) };
    });
    return this.pricing.view(cart);
  }
}

const NOTHING: StoredCart = { id: '', generation: 0, lines: [] };

/** A coupon that nobody has used yet. */
export function newCoupon(fields: NewCoupon): Coupon {
  const { minTotal = null, perCustomer = null, totalUses = null, startsAt = null, endsAt = null, ...rest } = fields;
  return { ...rest, id: newId(), minTotal, perCustomer, totalUses, startsAt, endsAt, uses: 0 };
}

function couponView({ id: _id, ...coupon }: Coupon): CouponView {
  const { minTotal, perCustomer, totalUses, startsAt, endsAt, ...rest } = coupon;
  return {
    ...rest,
    ...(minTotal === null ? {} : { minTotal }),
    ...(perCustomer === null ? {} : { perCustomer }),
    ...(totalUses === null ? {} : { totalUses }),
    ...(startsAt === null ? {} : { startsAt }),
    ...(endsAt === null ? {} : { endsAt }),
  };
}
