import { InventoryApi, ProductApi } from '@nakku/contracts';
import type { Actor } from '@nakku/observability';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CartModule } from './cart.module.js';
import { CouponSeed } from './coupon.seed.js';
import { TestMarket } from './market.fixture.js';

const COUPONS = '/api/v1/cart/coupons';
const ON_CART = '/api/v1/cart/coupon';

describe('coupons over HTTP', () => {
  const shop = new TestMarket();
  let t: Harness;
  let admin: Actor;
  let customer: Actor;

  beforeEach(async () => {
    t = await domainHarness(CartModule, {
      fakes: [fake(ProductApi, shop.products), fake(InventoryApi, shop.inventory)],
    });
    admin = t.actor('admin');
    customer = t.actor('customer');
  });
  afterEach(() => t.close());

  const create = (body: object) => t.http.post(COUPONS, { as: admin, body });
  const apply = (code: string) => t.http.post(ON_CART, { as: customer, body: { code } });
  const fill = (amount: number) =>
    t.http.put(`/api/v1/cart/items/${shop.sell(amount)}`, { as: customer, body: { quantity: 1 } });
  const cart = async () => (await t.http.get('/api/v1/cart', { as: customer })).body;
  const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3600_000).toISOString();

  describe('as admins keep them', () => {
    it('are made, listed page by page, and deleted', async () => {
      const full = {
        code: 'Spring-10',
        kind: 'percent',
        value: 10,
        minTotal: 100,
        perCustomer: 2,
        totalUses: 5,
        startsAt: hoursFromNow(-1),
        endsAt: hoursFromNow(1),
      };
      const made = await create(full);
      await create({ code: 'FREE', kind: 'free_delivery' });
      const first = (await t.http.get(`${COUPONS}?limit=1`, { as: admin })).body;
      const second = (await t.http.get(`${COUPONS}?limit=1&cursor=${first.nextCursor}`, { as: admin })).body;

      expect([made.status, made.body]).toEqual([201, { ...full, code: 'SPRING-10', uses: 0 }]);
      expect(first.items).toEqual([{ code: 'FREE', kind: 'free_delivery', value: 0, uses: 0 }]);
      expect(second).toEqual({ items: [made.body], nextCursor: null });
      expect((await t.http.delete(`${COUPONS}/spring-10`, { as: admin })).status).toBe(204);
      const gone = await t.http.delete(`${COUPONS}/spring-10`, { as: admin });
      expect([gone.status, gone.body.code]).toEqual([404, 'COUPON_NOT_FOUND']);
    });

    it('cannot share a code, whichever its case', async () => {
      await create({ code: 'ONCE', kind: 'fixed', value: 100 });
      const { status, body } = await create({ code: 'once', kind: 'fixed', value: 200 });

      expect([status, body.code]).toEqual([409, 'COUPON_EXISTS']);
    });

    it.each([
      { code: 'A', kind: 'fixed', value: 100 },
      { code: 'ABC', kind: 'gift', value: 100 },
      { code: 'ABC', kind: 'percent', value: 101 },
      { code: 'ABC', kind: 'percent', value: 0 },
      { code: 'ABC', kind: 'fixed' },
      { code: 'ABC', kind: 'fixed', value: 1.5 },
      { code: 'ABC', kind: 'free_delivery', value: 5 },
      { code: 'ABC', kind: 'fixed', value: 100, totalUses: 0 },
      { code: 'ABC', kind: 'fixed', value: 100, startsAt: '2026-02-01T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' },
      { code: 'ABC', kind: 'fixed', value: 100, endsAt: '9999-12-31T23:59:59-01:00' },
      { code: 'ABC', kind: 'fixed', value: 100, colour: 'red' },
    ])('are refused as %j', async (body) => {
      expect((await create(body)).status).toBe(400);
    });

    it('are nobody else’s business', async () => {
      expect((await t.http.get(COUPONS)).status).toBe(401);
      expect((await t.http.get(COUPONS, { as: customer })).status).toBe(403);
      expect((await t.http.post(COUPONS, { as: t.actor('store_staff'), body: {} })).status).toBe(403);
      expect((await t.http.get(`${COUPONS}?cursor=nonsense`, { as: admin })).body.code).toBe('INVALID_CURSOR');
    });

    it('are the demo’s three after seeding, and no more after seeding again', async () => {
      for (let times = 0; times < 2; times++) await t.get(CouponSeed).seed();
      const { items } = (await t.http.get(COUPONS, { as: admin })).body;

      expect(items).toEqual([
        { code: 'FIRST20', kind: 'fixed', value: 2000, totalUses: 20, uses: 0 },
        { code: 'FREEDEL', kind: 'free_delivery', value: 0, minTotal: 19_900, uses: 0 },
        { code: 'WELCOME50', kind: 'fixed', value: 5000, perCustomer: 1, uses: 0 },
      ]);
    });
  });

  describe('on a cart', () => {
    it('take their discount off, whichever their case, until they are taken off', async () => {
      await create({ code: 'TEN', kind: 'percent', value: 10 });
      await fill(10_000);
      const applied = await apply(' ten ');

      expect(applied.status).toBe(200);
      expect(applied.body).toMatchObject({
        couponCode: 'TEN',
        subtotal: 10_000,
        discount: 1000,
        deliveryFee: 2500,
        tax: 450,
        total: 11_950,
      });
      expect(await cart()).toEqual(applied.body);
      const off = await t.http.delete(ON_CART, { as: customer });
      expect(off.body).toMatchObject({ discount: 0, total: 13_000 });
      expect(off.body).not.toHaveProperty('couponCode');
    });

    it('replace one another', async () => {
      await create({ code: 'TEN', kind: 'percent', value: 10 });
      await create({ code: 'FREE', kind: 'free_delivery' });
      await fill(10_000);
      await apply('TEN');

      expect((await apply('FREE')).body).toMatchObject({ couponCode: 'FREE', discount: 0, deliveryFee: 0 });
    });

    it.each([
      ['COUPON_INVALID', { code: 'OTHER', kind: 'fixed', value: 1 }],
      ['COUPON_INVALID', { code: 'TEST', kind: 'fixed', value: 1, startsAt: hoursFromNow(1) }],
      ['COUPON_EXPIRED', { code: 'TEST', kind: 'fixed', value: 1, endsAt: hoursFromNow(-1) }],
      ['COUPON_MIN_TOTAL', { code: 'TEST', kind: 'fixed', value: 1, minTotal: 10_001 }],
    ])('are refused with %s', async (code, coupon) => {
      await create(coupon);
      await fill(10_000);
      const { status, body } = await apply('TEST');

      expect([status, body.code]).toEqual([422, code]);
      expect(await cart()).not.toHaveProperty('couponCode');
    });

    it('give nothing, with a notice, once the cart is too small or the coupon is gone', async () => {
      await create({ code: 'BIG', kind: 'fixed', value: 1000, minTotal: 10_000 });
      const { items } = (await fill(10_000)).body;
      await fill(500);
      await apply('BIG');
      await t.http.delete(`/api/v1/cart/items/${items[0].productId}`, { as: customer });

      expect(await cart()).toMatchObject({ couponCode: 'BIG', discount: 0, notices: [{ code: 'COUPON_MIN_TOTAL' }] });
      await t.http.delete(`${COUPONS}/BIG`, { as: admin });
      expect(await cart()).toMatchObject({ discount: 0, notices: [{ code: 'COUPON_INVALID' }] });
    });

    it('are for the signed in', async () => {
      expect((await t.http.post(ON_CART, { body: { code: 'TEN' } })).status).toBe(401);
      expect((await t.http.delete(ON_CART)).status).toBe(401);
    });

    it('are gone with everything else when the cart is cleared', async () => {
      await create({ code: 'TEN', kind: 'percent', value: 10 });
      await apply('TEN');

      expect((await t.http.delete('/api/v1/cart', { as: customer })).body).not.toHaveProperty('couponCode');
      expect(await cart()).not.toHaveProperty('couponCode');
    });
  });
});
