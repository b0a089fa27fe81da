import { settings } from '@nakku/config';
import { z } from 'zod';

const amount = (fallback: number) => z.coerce.number().int().min(0).max(1_000_000_000).default(fallback);

/** What a cart costs besides its products, in minor units, and how long an idle one is kept. */
export class CartSettings extends settings({
  CART_DELIVERY_FEE: amount(2500),
  /** From this subtotal (less the discount) on, delivery is free. */
  CART_FREE_DELIVERY_FROM: amount(49_900),
  /** Hundredths of a percent. */
  CART_TAX_BASIS_POINTS: z.coerce.number().int().min(0).max(10_000).default(500),
  /** Days without a write after which a guest's cart is deleted. */
  CART_GUEST_DAYS: z.coerce.number().int().min(1).max(365).default(30),
}) {}
