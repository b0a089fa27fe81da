import { unprocessable } from '@nakku/rpc';

export const COUPON_KINDS = ['percent', 'fixed', 'free_delivery'] as const;
export type CouponKind = (typeof COUPON_KINDS)[number];

/** What decides whether and how much a coupon gives; amounts in minor units. */
export interface CouponTerms {
  code: string;
  kind: CouponKind;
  value: number;
  minTotal: number | null;
  perCustomer: number | null;
  totalUses: number | null;
  startsAt: string | null;
  endsAt: string | null;
  uses: number;
}

export type RefusalCode = 'COUPON_INVALID' | 'COUPON_EXPIRED' | 'COUPON_USED_UP' | 'COUPON_MIN_TOTAL';

/** Why a coupon does not apply. */
export interface Refusal {
  code: RefusalCode;
  message: string;
}

const MESSAGES: Record<RefusalCode, string> = {
  COUPON_INVALID: 'There is no such coupon, or it does not apply yet.',
  COUPON_EXPIRED: 'The coupon has expired.',
  COUPON_USED_UP: 'All uses of the coupon are taken.',
  COUPON_MIN_TOTAL: 'The cart is below the coupon’s minimum: add more to use it.',
};

/** Codes are written in any case. */
export const normalised = (code: string): string => code.trim().toUpperCase();

/** Whether the coupon has begun and not ended. */
export const isRunning = ({ startsAt, endsAt }: CouponTerms, at: string): boolean =>
  !(startsAt && at < startsAt) && !(endsAt && at >= endsAt);

/** Why the coupon cannot be used now by a customer who has used it `usesByCustomer` times; undefined when it can. */
export function useRefusal(coupon: CouponTerms | undefined, at: string, usesByCustomer: number): Refusal | undefined {
  if (!coupon) return refusal('COUPON_INVALID');
  if (!isRunning(coupon, at))
    return refusal(coupon.endsAt && at >= coupon.endsAt ? 'COUPON_EXPIRED' : 'COUPON_INVALID');
  if (coupon.totalUses !== null && coupon.uses >= coupon.totalUses) return refusal('COUPON_USED_UP');
  if (coupon.perCustomer !== null && usesByCustomer >= coupon.perCustomer) return refusal('COUPON_USED_UP');
  return undefined;
}

/** Why the coupon gives nothing for this subtotal; undefined when it does. */
export const subtotalRefusal = (coupon: CouponTerms, subtotal: number): Refusal | undefined =>
  subtotal < (coupon.minTotal ?? 0) ? refusal('COUPON_MIN_TOTAL') : undefined;

/** What a coupon takes off the subtotal; never more than that. */
export function discountOf(coupon: CouponTerms | undefined, subtotal: number): number {
  if (coupon?.kind === 'percent') return Math.floor((subtotal * coupon.value) / 100);
  if (coupon?.kind === 'fixed') return Math.min(coupon.value, subtotal);
  return 0;
}

export const refusal = (code: RefusalCode): Refusal => ({ code, message: MESSAGES[code] });

/** A refusal as the problem that a client gets. */
export const refused = ({ code, message }: Refusal) => unprocessable(code, message);
