import { Injectable } from '@nestjs/common';
import { now } from '@nakku/database';
import { type Market, priceLines, subtotalOf, type Tariff, totals } from './cart.js';
import { CartSettings } from './cart.config.js';
import type { CartView } from './cart.dto.js';
import type { StoredCart } from './cart.repository.js';
import { type CouponTerms, type Refusal, subtotalRefusal, useRefusal } from './coupon.js';
import { CouponRepository } from './coupon.repository.js';
import { MarketService } from './market.service.js';

/** What a cart costs now, and why its coupon, if it has one, gives nothing. */
export interface Priced {
  view: CartView;
  refusal?: Refusal;
}

/** Turns a stored cart into what the customer sees. */
@Injectable()
export class PricingService {
  private readonly tariff: Tariff;

  constructor(
    private readonly market: MarketService,
    private readonly coupons: CouponRepository,
    settings: CartSettings,
  ) {
    this.tariff = {
      deliveryFee: settings.CART_DELIVERY_FEE,
      freeDeliveryFrom: settings.CART_FREE_DELIVERY_FROM,
      taxBasisPoints: settings.CART_TAX_BASIS_POINTS,
    };
  }

  /** The cart at the prices of `market`, which is looked at where it is not given. */
  async view(cart: StoredCart, market?: Market): Promise<CartView> {
    return (await this.price(cart, market)).view;
  }

  async price(cart: StoredCart, market?: Market): Promise<Priced> {
    const { items, notices } = priceLines(cart.lines, market ?? (await this.lookFor(cart)));
    const { coupon, refusal } = await this.couponOf(cart, subtotalOf(items));
    const { couponCode } = cart;
    const view = {
      id: cart.id,
      items,
      ...totals(items, refusal ? undefined : coupon, this.tariff),
      ...(couponCode ? { couponCode } : {}),
      notices: refusal ? [...notices, refusal] : notices,
    };
    return { view, ...(refusal ? { refusal } : {}) };
  }

  /** The market as far as this cart goes. */
  lookFor(cart: StoredCart, storeId?: string): Promise<Market> {
    return this.market.look(
      cart.lines.map(({ productId }) => productId),
      storeId,
    );
  }

  /** Why a customer cannot have this coupon on a cart of this subtotal. */
  async refusalOf(
    coupon: (CouponTerms & { id: string }) | undefined,
    customerId: string,
    subtotal: number,
  ): Promise<Refusal | undefined> {
    const uses = coupon?.perCustomer ? await this.coupons.usesBy(coupon.id, customerId) : 0;
    return useRefusal(coupon, now(), uses) ?? (coupon && subtotalRefusal(coupon, subtotal));
  }

  private async couponOf({ couponCode, customerId = '' }: StoredCart, subtotal: number) {
    if (!couponCode) return {};
    const coupon = await this.coupons.byCode(couponCode);
    return { coupon, refusal: await this.refusalOf(coupon, customerId, subtotal) };
  }
}
