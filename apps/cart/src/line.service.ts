import { Injectable } from '@nestjs/common';
import { cartCleared, cartUpdated } from '@nakku/contracts';
import { Database, newId, now } from '@nakku/database';
import { notFound, unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { type Line, type Market, MAX_LINES, soldProduct } from './cart.js';
import type { CartView } from './cart.dto.js';
import { guest, newGuestToken, type Owner } from './cart.owner.js';
import { CartRepository, type StoredCart } from './cart.repository.js';
import { MarketService } from './market.service.js';
import { PricingService } from './pricing.service.js';

/** A cart after a write; `guestToken` is there when a guest's cart was made by it. */
export interface Written {
  cart: CartView;
  guestToken?: string;
}

/** What shoppers do with their carts: look, put, remove, clear. */
@Injectable()
export class LineService {
  constructor(
    private readonly database: Database,
    private readonly carts: CartRepository,
    private readonly events: EventBus,
    private readonly market: MarketService,
    private readonly pricing: PricingService,
  ) {}

  /** Who has no cart yet sees an empty one; nothing is stored for looking. */
  async show(owner: Owner): Promise<CartView> {
    return this.pricing.view((await this.carts.find(owner)) ?? noCart(owner));
  }

  /** Sets how many of a product are in the cart; 0 removes it. */
  async put(owner: Owner, productId: string, quantity: number): Promise<Written> {
    if (quantity === 0) return { cart: await this.remove(owner, productId) };
    const lines = (await this.carts.find(owner))?.lines ?? [];
    const market = await this.market.look([productId, ...lines.map((line) => line.productId)]);
    const unitPrice = priceOf(market, productId);
    const guestToken = owner.customerId || owner.tokenHash ? undefined : newGuestToken();
    const line = { productId, quantity, unitPrice, addedAt: now() };
    const cart = await this.database.transaction(() => this.putLine(owner, guestToken, line));
    return {
      cart: await this.pricing.view(cart, await this.reaching(cart, market)),
      ...(guestToken ? { guestToken } : {}),
    };
  }

  /** Removing what is not there changes nothing. */
  async remove(owner: Owner, productId: string): Promise<CartView> {
    const cart = await this.database.transaction(async () => {
      const known = await this.carts.lock(owner);
      if (!known?.lines.some((line) => line.productId === productId)) return known;
      const lines = known.lines.filter((line) => line.productId !== productId);
      await this.carts.removeLines(known.id, [productId]);
      await this.updated({ ...known, lines }, productId, 0);
      return { ...known, lines };
    });
    return this.pricing.view(cart ?? noCart(owner));
  }

  /** Takes out every line and the coupon. */
  async clear(owner: Owner): Promise<CartView> {
    const cart = await this.database.transaction(async () => {
      const known = await this.carts.lock(owner);
      if (!known) return undefined;
      await this.carts.removeLines(
        known.id,
        known.lines.map(({ productId }) => productId),
      );
      if (known.couponCode) await this.carts.setCoupon(known.id, null);
      await this.events.publish(cartCleared({ cartId: known.id, customerId: known.customerId }));
      return known;
    });
    return this.pricing.view({ ...noCart(owner), ...(cart ? { id: cart.id } : {}) });
  }

  private async putLine(owner: Owner, guestToken: string | undefined, line: Line): Promise<StoredCart> {
    const cart = await this.carts.open(owner, guestToken && guest(guestToken).tokenHash);
    const known = cart.lines.find(({ productId }) => productId === line.productId);
    if (!known && cart.lines.length >= MAX_LINES)
      throw unprocessable('CART_FULL', `A cart holds ${MAX_LINES} different products: remove one first.`);
    await this.carts.putLines(cart.id, [line]);
    // The answer tells once more that the price has changed; from here on the line counts as set at the new one.
    const lines = known
      ? cart.lines.map((one) => (one === known ? { ...known, quantity: line.quantity } : one))
      : [...cart.lines, line];
    await this.updated({ ...cart, lines }, line.productId, line.quantity);
    return { ...cart, lines };
  }

  private updated({ id, customerId, lines }: StoredCart, productId: string, quantity: number): Promise<void> {
    return this.events.publish(cartUpdated({ cartId: id, customerId, productId, quantity, lines: lines.length }));
  }

  /** The market that was looked at before the write, or another if a parallel write has put in something else. */
  private async reaching(cart: StoredCart, market: Market): Promise<Market> {
    const known = cart.lines.every(({ productId }) => market.products.has(productId));
    return known ? market : this.pricing.lookFor(cart);
  }
}

/** What somebody without a cart has: nothing, under an id that is not kept. */
const noCart = ({ customerId }: Owner): StoredCart => ({
  id: newId(),
  generation: 0,
  lines: [],
  ...(customerId ? { customerId } : {}),
});

function priceOf(market: Market, productId: string): number {
  if (!market.products.has(productId)) throw notFound('product');
  const product = soldProduct(market, productId);
  if (!product) throw unprocessable('PRODUCT_GONE', 'This product is no longer sold.');
  return product.price.amount;
}
