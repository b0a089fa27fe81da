import { CartLine, CartTotals, Id } from '@nakku/contracts';
import { dto } from '@nakku/rpc';
import { z } from 'zod';
import { MAX_QUANTITY } from './cart.js';

/** `PRICE_CHANGED` has `was` and `now`, `SHORTAGE` has `requested` and `available`. */
const Notice = z.object({
  code: z.string(),
  message: z.string(),
  productId: Id.optional(),
  was: z.int().optional(),
  now: z.int().optional(),
  requested: z.int().optional(),
  available: z.int().optional(),
});

export class CartView extends dto(CartTotals.extend({ id: Id, items: z.array(CartLine), notices: z.array(Notice) })) {}

export class PutItem extends dto(z.strictObject({ quantity: z.int().min(0).max(MAX_QUANTITY) })) {}

export class ApplyCoupon extends dto(z.strictObject({ code: z.string().trim().min(1).max(64) })) {}

/** The body may be left out. */
export class ValidateCart extends dto(
  z.preprocess((body) => body ?? {}, z.strictObject({ addressId: Id.optional() })),
) {}

/** An issue is a notice of the cart, or `CART_EMPTY`, or `NOT_SERVICEABLE` with its reason. */
export class CartValidation extends dto(
  z.object({
    valid: z.boolean(),
    issues: z.array(Notice.extend({ reason: z.string().optional() })),
    cart: CartView.schema,
  }),
) {}
