import { Injectable } from '@nestjs/common';
import { Amount, type CartApi } from '@nakku/contracts';
import { conflict, type Input, type Output, unprocessable } from '@nakku/rpc';
import { CartRepository } from './cart.repository.js';
import { CheckoutService } from './checkout.service.js';
import type { Refusal } from './coupon.js';
import { MergeService } from './merge.service.js';
import { PricingService } from './pricing.service.js';
import { RedemptionService } from './redemption.service.js';

/** What cart does for other domains. */
@Injectable()
export class CartService implements CartApi {
  constructor(
    private readonly carts: CartRepository,
    private readonly pricing: PricingService,
    private readonly checkouts: CheckoutService,
    private readonly redemptions: RedemptionService,
    private readonly merges: MergeService,
  ) {}

  async quote({ customerId, storeId }: Input<CartApi, 'quote'>): Promise<Output<CartApi, 'quote'>> {
    const cart = await this.carts.find({ customerId });
    if (!cart || cart.lines.length === 0)
      throw unprocessable('CART_EMPTY', 'The cart is empty: put something in first.');
    const { view, refusal } = await this.pricing.price(cart, await this.pricing.lookFor(cart, storeId));
    const { id, notices, couponCode, ...priced } = view;
    const gone = notices.filter(({ code }) => code === 'PRODUCT_GONE').map(({ productId }) => productId);
    if (gone.length > 0)
      throw unprocessable('PRODUCT_GONE', 'Some products are no longer sold: remove them.', { productIds: gone });
    refuseLostCoupon(refusal);
    if (!Amount.safeParse(Math.max(priced.subtotal, priced.total)).success)
      throw unprocessable('ORDER_TOO_LARGE', 'This is more than one order can hold: order in parts.');
    return { ...priced, ...(couponCode && !refusal ? { couponCode } : {}), cartId: id, generation: cart.generation };
  }

  async redeemCoupon(input: Input<CartApi, 'redeemCoupon'>) {
    await this.redemptions.hold(input);
    return {};
  }

  async returnCoupon({ orderId }: Input<CartApi, 'returnCoupon'>) {
    await this.redemptions.giveBack(orderId);
    return {};
  }

  async checkout(input: Input<CartApi, 'checkout'>) {
    const outcome = await this.checkouts.checkout(input);
    if (outcome === 'taken') throw conflict('CART_CHANGED', 'Another order was made of this cart: look at it again.');
    return {};
  }

  async merge({ guestToken, customerId }: Input<CartApi, 'merge'>) {
    return { merged: await this.merges.merge(guestToken, customerId) };
  }
}

/**
 * A coupon that ran out since the customer looked would silently raise the price, so the order is refused. One that the cart is too
 * small for gives nothing, as the cart has shown all along.
 */
function refuseLostCoupon(refusal: Refusal | undefined): void {
  if (!refusal || refusal.code === 'COUPON_MIN_TOTAL') return;
  throw unprocessable('COUPON_INVALID', `${refusal.message} Take it off the cart to order without it.`);
}
