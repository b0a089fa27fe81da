import { type CouponTerms, discountOf, normalised, subtotalRefusal, useRefusal } from './coupon.js';

const NOW = '2026-03-01T12:00:00.000Z';
const coupon = (terms: Partial<CouponTerms> = {}): CouponTerms => ({
  code: 'TEST',
  kind: 'fixed',
  value: 1000,
  minTotal: null,
  perCustomer: null,
  totalUses: null,
  startsAt: null,
  endsAt: null,
  uses: 0,
  ...terms,
});

describe('a coupon', () => {
  it.each([
    ['is unknown', undefined, 0, 'COUPON_INVALID'],
    ['has not begun', coupon({ startsAt: '2026-03-01T12:00:00.001Z' }), 0, 'COUPON_INVALID'],
    ['begins right now', coupon({ startsAt: NOW }), 0, undefined],
    ['ends right now', coupon({ endsAt: NOW }), 0, 'COUPON_EXPIRED'],
    ['ends a moment later', coupon({ endsAt: '2026-03-01T12:00:00.001Z' }), 0, undefined],
    ['has one use left', coupon({ totalUses: 20, uses: 19 }), 0, undefined],
    ['has no use left', coupon({ totalUses: 20, uses: 20 }), 0, 'COUPON_USED_UP'],
    ['was used by the customer as often as allowed', coupon({ perCustomer: 1 }), 1, 'COUPON_USED_UP'],
    ['may be used by the customer once more', coupon({ perCustomer: 2 }), 1, undefined],
    ['has no limits', coupon({ uses: 1_000_000 }), 1000, undefined],
  ])('that %s is answered rightly', (_, given, usesByCustomer, code) => {
    expect(useRefusal(given, NOW, usesByCustomer)?.code).toBe(code);
  });

  it('needs its minimum and no more', () => {
    expect(subtotalRefusal(coupon({ minTotal: 19_900 }), 19_899)?.code).toBe('COUPON_MIN_TOTAL');
    expect(subtotalRefusal(coupon({ minTotal: 19_900 }), 19_900)).toBeUndefined();
    expect(subtotalRefusal(coupon(), 0)).toBeUndefined();
  });

  it('takes off whole paise, rounded down, and never more than there is', () => {
    expect(discountOf(coupon({ kind: 'percent', value: 33 }), 100)).toBe(33);
    expect(discountOf(coupon({ kind: 'percent', value: 33 }), 101)).toBe(33);
    expect(discountOf(coupon({ value: 1000 }), 999)).toBe(999);
    expect(discountOf(coupon({ kind: 'free_delivery', value: 0 }), 999)).toBe(0);
    expect(discountOf(undefined, 999)).toBe(0);
  });

  it('is the same in any case and with blanks around it', () => {
    expect(normalised(' welcome50 ')).toBe('WELCOME50');
  });
});
