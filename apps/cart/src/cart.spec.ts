import { newId } from '@nakku/database';
import { type Line, type Market, mergedLines, priceLines, totals, withoutOrdered } from './cart.js';
import type { CouponTerms } from './coupon.js';
import { TestMarket } from './market.fixture.js';

const TARIFF = { deliveryFee: 2500, freeDeliveryFrom: 49_900, taxBasisPoints: 500 };

const line = (productId: string, quantity = 1, unitPrice = 100): Line => ({
  productId,
  quantity,
  unitPrice,
  addedAt: '',
});
const item = (lineTotal: number) => ({
  productId: newId(),
  name: '',
  quantity: 1,
  unitPrice: lineTotal,
  lineTotal,
  available: true,
});
const coupon = (terms: Partial<CouponTerms>): CouponTerms => ({
  code: 'TEST',
  kind: 'fixed',
  value: 0,
  minTotal: null,
  perCustomer: null,
  totalUses: null,
  startsAt: null,
  endsAt: null,
  uses: 0,
  ...terms,
});

describe('the totals of a cart', () => {
  it.each([
    // subtotal, discount, fee, tax, total
    [10_000, undefined, 0, 2500, 500, 13_000],
    [9, undefined, 0, 2500, 0, 2509],
    [10, undefined, 0, 2500, 1, 2511],
    [29, undefined, 0, 2500, 1, 2530],
    [30, undefined, 0, 2500, 2, 2532],
    [49_899, undefined, 0, 2500, 2495, 54_894],
    [49_900, undefined, 0, 0, 2495, 52_395],
    [10_001, coupon({ kind: 'percent', value: 15 }), 1500, 2500, 425, 11_426],
    [999, coupon({ kind: 'percent', value: 100 }), 999, 2500, 0, 2500],
    [10_000, coupon({ value: 5000 }), 5000, 2500, 250, 7750],
    [3000, coupon({ value: 5000 }), 3000, 2500, 0, 2500],
    [50_000, coupon({ value: 5000 }), 5000, 2500, 2250, 49_750],
    [20_000, coupon({ kind: 'free_delivery' }), 0, 0, 1000, 21_000],
  ])(
    'of %i with coupon %j have discount %i, delivery %i, tax %i and total %i',
    (subtotal, given, discount, deliveryFee, tax, total) => {
      expect(totals([item(subtotal)], given, TARIFF)).toEqual({
        subtotal,
        discount,
        deliveryFee,
        tax,
        total,
        currency: 'INR',
      });
    },
  );

  it('are all zero for an empty cart, even with a coupon', () => {
    expect(totals([], coupon({ value: 5000 }), TARIFF)).toEqual({
      subtotal: 0,
      discount: 0,
      deliveryFee: 0,
      tax: 0,
      total: 0,
      currency: 'INR',
    });
  });

  it('charge delivery for a cart whose products cost nothing', () => {
    expect(totals([item(0)], undefined, TARIFF)).toMatchObject({ subtotal: 0, deliveryFee: 2500, total: 2500 });
  });

  it('are whole numbers that add up, whatever the prices', () => {
    for (let subtotal = 1; subtotal < 3000; subtotal += 7) {
      const sum = totals([item(subtotal)], coupon({ kind: 'percent', value: 33 }), TARIFF);
      expect(Object.values(sum).filter((value) => typeof value === 'number' && !Number.isSafeInteger(value))).toEqual(
        [],
      );
      expect(sum.subtotal - sum.discount + sum.deliveryFee + sum.tax).toBe(sum.total);
    }
  });
});

describe('pricing the lines', () => {
  const shop = new TestMarket();
  const look = async (...ids: string[]): Promise<Market> => {
    const { items } = await shop.products.getMany!({ ids });
    return {
      products: new Map(items.map((product) => [product.id, product])),
      stock: new Map(ids.map((id) => [id, shop.stock.get(id) ?? 0])),
    };
  };

  it('takes the price of today and tells that it has changed', async () => {
    const milk = shop.sell(120);
    const { items, notices } = priceLines([line(milk, 3, 100)], await look(milk));

    expect(items).toEqual([
      { productId: milk, name: 'Milk', quantity: 3, unitPrice: 120, lineTotal: 360, available: true },
    ]);
    expect(notices).toMatchObject([{ code: 'PRICE_CHANGED', productId: milk, was: 100, now: 120 }]);
  });

  it('leaves out what is no longer sold, is unknown, or has another currency', async () => {
    const deleted = shop.sell(100, 9, { active: false });
    const foreign = shop.sell(100, 9, { price: { amount: 100, currency: 'USD' } });
    const unknown = newId();
    const { items, notices } = priceLines(
      [deleted, foreign, unknown].map((id) => line(id)),
      await look(deleted, foreign, unknown),
    );

    expect(items).toEqual([]);
    expect(notices.map(({ code, productId }) => [code, productId])).toEqual(
      [deleted, foreign, unknown].map((id) => ['PRODUCT_GONE', id]),
    );
  });

  it('marks a line of more than there is, and says how many there are', async () => {
    const milk = shop.sell(100, 2);
    const eggs = shop.sell(100, 2);
    const { items, notices } = priceLines([line(milk, 3), line(eggs, 2)], await look(milk, eggs));

    expect(items.map(({ available }) => available)).toEqual([false, true]);
    expect(notices).toMatchObject([{ code: 'SHORTAGE', productId: milk, requested: 3, available: 2 }]);
  });

  it('takes everything for available, with one notice, while the stock is not known', async () => {
    const milk = shop.sell(100, 0);
    const { items, notices } = priceLines([line(milk, 3)], { products: (await look(milk)).products });

    expect(items[0]).toMatchObject({ available: true });
    expect(notices.map(({ code }) => code)).toEqual(['STOCK_UNKNOWN']);
  });
});

describe('merging lines', () => {
  it('adds quantities up to fifty and keeps what only one side has', () => {
    const mine = [line('a', 30), line('b', 1)];
    const theirs = [line('a', 30), line('c', 2)];

    expect(mergedLines(mine, theirs)).toEqual([line('a', 50), line('c', 2)]);
  });

  it('leaves behind what would be the hundred-and-first product', () => {
    const mine = Array.from({ length: 99 }, (_, index) => line(`m${index}`));

    expect(mergedLines(mine, [line('x'), line('y'), line('m3')])).toEqual([line('x'), line('m3', 2)]);
  });
});

describe('taking out what was ordered', () => {
  it('keeps what was added meanwhile and removes the rest', () => {
    const lines = [line('a', 5), line('b', 2), line('c', 1)];
    const ordered = [
      { productId: 'a', quantity: 2 },
      { productId: 'b', quantity: 2 },
      { productId: 'gone', quantity: 1 },
    ];

    expect(withoutOrdered(lines, ordered)).toEqual({ reduced: [line('a', 3)], removed: ['b'] });
  });

  it('removes a line that has become smaller than what was ordered', () => {
    expect(withoutOrdered([line('a', 1)], [{ productId: 'a', quantity: 2 }])).toEqual({ reduced: [], removed: ['a'] });
  });
});
