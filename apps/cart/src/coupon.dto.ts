import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import { COUPON_KINDS, normalised } from './coupon.js';

const Code = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{3,32}$/, 'must be 3 to 32 letters, digits, dashes or underscores')
  .transform(normalised);
/** Minor units, and not more than the column holds. */
const Minor = z.int().min(0).max(1_000_000_000);
const Uses = z.int().min(1).max(1_000_000_000);
/** In UTC; the first and the last hours of the calendar may be of a year there that has no four digits. */
const Moment = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .refine((text) => text.length === 24, 'must be in the years 0 to 9999');

const Terms = {
  kind: z.enum(COUPON_KINDS),
  minTotal: Minor.optional(),
  perCustomer: Uses.optional(),
  totalUses: Uses.optional(),
};

/** `value` is a percentage (1–100), an amount in minor units, or 0 for free delivery. */
export const NewCouponFields = z
  .strictObject({
    ...Terms,
    code: Code,
    value: Minor.default(0),
    startsAt: Moment.optional(),
    endsAt: Moment.optional(),
  })
  .refine(({ kind, value }) => kind !== 'percent' || (value >= 1 && value <= 100), {
    path: ['value'],
    error: 'must be 1 to 100 percent',
  })
  .refine(({ kind, value }) => kind !== 'fixed' || value >= 1, { path: ['value'], error: 'must be an amount above 0' })
  .refine(({ kind, value }) => kind !== 'free_delivery' || value === 0, {
    path: ['value'],
    error: 'must be 0 for free delivery',
  })
  .refine(({ startsAt, endsAt }) => !startsAt || !endsAt || startsAt < endsAt, {
    path: ['endsAt'],
    error: 'must be after startsAt',
  });

export class NewCoupon extends dto(NewCouponFields) {}

/** `uses` counts the orders that hold or have used it. */
export class CouponView extends dto(
  z.object({
    ...Terms,
    code: z.string(),
    value: Minor,
    startsAt: z.string().optional(),
    endsAt: z.string().optional(),
    uses: z.int(),
  }),
) {}

export class CouponPage extends dto(page(CouponView.schema)) {}

export class CouponQuery extends dto(PageQuery) {}
