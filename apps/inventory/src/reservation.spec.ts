import { changesOf, shortagesOf, takeOut } from './reservation.js';

const row = (productId: string, onHand: number, reserved: number) => ({
  ...{ storeId: 's', productId, onHand, reserved, threshold: 0, updatedAt: '' },
});

describe('the lines of a reservation', () => {
  it('change the stock piece by piece', () => {
    expect(changesOf([{ productId: 'a', quantity: 3 }], { onHand: -1, reserved: -1 })).toEqual([
      { productId: 'a', onHand: -3, reserved: -3 },
    ]);
    expect(changesOf([{ productId: 'a', quantity: 3 }], { onHand: 0, reserved: -1 })).toEqual([
      { productId: 'a', onHand: 0, reserved: -3 },
    ]);
  });

  it('give back what is not wanted any more, and keep the rest', () => {
    const lines = [
      { productId: 'a', quantity: 3 },
      { productId: 'b', quantity: 2 },
      { productId: 'a', quantity: 4 },
    ];
    expect(takeOut(lines, [{ productId: 'a', quantity: 5 }])).toEqual({
      kept: [
        { productId: 'b', quantity: 2 },
        { productId: 'a', quantity: 2 },
      ],
      taken: [
        { productId: 'a', quantity: 3 },
        { productId: 'a', quantity: 2 },
      ],
    });
  });

  it('never give back more than they have, nor anything for a negative number', () => {
    const lines = [{ productId: 'a', quantity: 3 }];
    const wanted = [
      { productId: 'a', quantity: 50 },
      { productId: 'x', quantity: 1 },
    ];
    expect(takeOut(lines, wanted)).toEqual({ kept: [], taken: lines });
    expect(takeOut(lines, [{ productId: 'a', quantity: -2 }])).toEqual({ kept: lines, taken: [] });
  });
});

describe('shortages', () => {
  const demand = [
    { productId: 'a', onHand: 0, reserved: 5 },
    { productId: 'b', onHand: 0, reserved: 5 },
    { productId: 'c', onHand: 0, reserved: 5 },
  ];

  it('are the products of which there is too little, unknown ones included', () => {
    expect(shortagesOf(demand, [row('a', 9, 5), row('b', 9, 4)], 'a')).toEqual([
      { productId: 'a', requested: 5, available: 4 },
      { productId: 'c', requested: 5, available: 0 },
    ]);
  });

  it('name the product that was refused even when some came back in the meantime, and never as if there were enough', () => {
    expect(shortagesOf(demand.slice(0, 1), [row('a', 9, 0)], 'a')).toEqual([
      { productId: 'a', requested: 5, available: 4 },
    ]);
  });
});
