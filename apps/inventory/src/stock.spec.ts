import type { Stock } from './stock.entity.js';
import { crossings, inProductOrder, stockView } from './stock.js';

const row = (onHand: number, reserved: number, threshold = 5): Stock => ({
  ...{ storeId: 's', productId: 'p', onHand, reserved, threshold, updatedAt: '2026-01-01T00:00:00.000Z' },
});

describe('changes of the stock', () => {
  it('are made in the order of the products, one for each', () => {
    const changes = inProductOrder([
      { productId: 'b', onHand: 0, reserved: 1 },
      { productId: 'a', onHand: 2, reserved: 0 },
      { productId: 'b', onHand: -1, reserved: 3 },
    ]);
    expect(changes).toEqual([
      { productId: 'a', onHand: 2, reserved: 0 },
      { productId: 'b', onHand: -1, reserved: 4 },
    ]);
  });
});

describe('a row', () => {
  it('tells what is available', () => {
    expect(stockView(row(10, 4))).toEqual({
      ...{ storeId: 's', productId: 'p', onHand: 10, reserved: 4, available: 6, threshold: 5 },
    });
  });

  it.each([
    ['from above the threshold onto it', row(5, 0), { onHand: -1, reserved: 0 }, { low: true, out: false }],
    ['from the threshold to below it', row(4, 0), { onHand: -1, reserved: 0 }, { low: false, out: false }],
    ['by a reservation', row(10, 5), { onHand: 0, reserved: 1 }, { low: true, out: false }],
    ['from one to nothing', row(3, 3), { onHand: 0, reserved: 1 }, { low: false, out: true }],
    ['from above the threshold to nothing', row(0, 0), { onHand: -9, reserved: 0 }, { low: true, out: true }],
    ['upwards', row(6, 0), { onHand: 6, reserved: 0 }, { low: false, out: false }],
    ['nowhere, by packing', row(5, 0), { onHand: -3, reserved: -3 }, { low: false, out: false }],
  ])('crosses %s', (_, after, change, expected) => {
    expect(crossings(after, { productId: 'p', ...change })).toEqual(expected);
  });
});
