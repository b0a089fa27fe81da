import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Amount, Currency, Id, ProductQuantity, Quantity } from './shapes.js';

/** A cart's line at the price of this moment. `available`: that many can be had right now. */
export const CartLine = z.object({
  productId: Id,
  name: z.string(),
  quantity: Quantity,
  unitPrice: Amount,
  lineTotal: Amount,
  available: z.boolean(),
});
/** What a cart costs: subtotal − discount + deliveryFee + tax = total. Prices include nothing but themselves; tax is added. */
export const CartTotals = z.object({
  subtotal: Amount,
  discount: Amount,
  couponCode: z.string().optional(),
  deliveryFee: Amount,
  tax: Amount,
  total: Amount,
  currency: Currency,
});
/** What order needs to place an order. `generation` counts the checkouts: a generation becomes at most one order. */
export const Quote = CartTotals.extend({ cartId: Id, generation: z.int(), items: z.array(CartLine) });

export const cart = contract('cart', {
  /** The customer's cart priced live against a store. */
  quote: {
    input: z.object({ customerId: Id, storeId: Id }),
    output: Quote,
    errors: ['CART_EMPTY', 'PRODUCT_GONE', 'COUPON_INVALID', 'ORDER_TOO_LARGE'],
    idempotent: true,
  },
  /** Holds one use of a coupon for an order until `order.created` makes it final; an unclaimed hold lapses after 5 minutes. */
  redeemCoupon: {
    input: z.object({ code: z.string().max(64), customerId: Id, orderId: Id }),
    output: z.object({}),
    errors: ['COUPON_USED_UP', 'COUPON_INVALID'],
    idempotent: true,
  },
  /** Gives a held or used coupon back. */
  returnCoupon: { input: z.object({ orderId: Id }), output: z.object({}), idempotent: true },
  /** Takes what was ordered out of the cart and starts the next generation; twice for one order is once. */
  checkout: {
    input: z.object({ cartId: Id, generation: z.int(), orderId: Id, items: z.array(ProductQuantity) }),
    output: z.object({}),
    idempotent: true,
  },
  /** Moves a guest's cart into the customer's: quantities add up to the limit. An unknown token is ignored. */
  merge: {
    input: z.object({ guestToken: z.string().max(128), customerId: Id }),
    output: z.object({ merged: z.boolean() }),
    idempotent: true,
  },
});
export class CartApi extends api(cart) {}

export const cartUpdated = event({
  type: 'cart.updated',
  version: 1,
  key: 'cartId',
  payload: z.object({
    cartId: Id,
    customerId: Id.optional(),
    productId: Id.optional(),
    quantity: z.int().optional(),
    lines: z.int(),
  }),
});
export const cartCleared = event({
  type: 'cart.cleared',
  version: 1,
  key: 'cartId',
  payload: z.object({ cartId: Id, customerId: Id.optional(), orderId: Id.optional() }),
});
