import { newId } from '@nakku/database';
import type { PlaceOrder } from './order.dto.js';
import { draft, draftItems, requireAvailable, requirePayable, waitOf } from './placing.js';

const body = (given: Partial<PlaceOrder> = {}): PlaceOrder => ({
  addressId: newId(),
  paymentMethod: 'card',
  paymentToken: 'tok_ok',
  tip: 0,
  substitutions: 'none',
  ...given,
});

const basket = (total = 1500) => ({
  quote: {
    cartId: newId(),
    generation: 3,
    items: [{ productId: newId(), name: 'Milk', quantity: 2, unitPrice: 700, lineTotal: 1400, available: true }],
    ...{ subtotal: 1400, discount: 0, deliveryFee: 30, tax: 70, total, currency: 'INR' },
  },
  address: {
    ...{ label: 'Home', line1: '1', city: 'Bengaluru', state: 'KA', postalCode: '560034', country: 'IN' },
    lat: 12.9,
    lng: 77.6,
  },
  storeId: newId(),
  etaMinutes: 15,
});

describe('what pays', () => {
  it.each(['4242424242424242', '4242 4242 4242 4242', '4242-4242-4242-4242', '4222222222222', '6304000000000000000'])(
    'is never the card number %s, whatever the method',
    (paymentToken) => {
      for (const paymentMethod of ['card', 'cod'] as const) {
        expect(() => requirePayable(body({ paymentToken, paymentMethod }))).toThrow('CARD_NUMBER_REFUSED');
      }
    },
  );

  it.each(['tok_4242424242424242', '424242424242', '42424242424242424242'])('may be the token %s', (paymentToken) => {
    expect(() => requirePayable(body({ paymentToken }))).not.toThrow();
  });

  it.each(['card', 'upi', 'wallet'] as const)('is a token for %s', (paymentMethod) => {
    expect(() => requirePayable(body({ paymentMethod, paymentToken: undefined }))).toThrow('PAYMENT_TOKEN_REQUIRED');
  });

  it('is cash without a token', () => {
    expect(() => requirePayable(body({ paymentMethod: 'cod', paymentToken: undefined }))).not.toThrow();
  });
});

describe('a draft', () => {
  it('costs what the cart was quoted and the tip, and is promised after the time that location named', () => {
    const order = draft('o', 'c', body({ tip: 250 }), basket());
    expect(order).toMatchObject({
      status: 'pending',
      version: 1,
      subtotal: 1400,
      tax: 70,
      tip: 250,
      total: 1750,
      cartGeneration: 3,
    });
    expect(Date.parse(order.promisedAt) - Date.parse(order.placedAt)).toBe(15 * 60_000);
  });

  it('keeps no token for cash', () => {
    expect(draft('o', 'c', body({ paymentMethod: 'cod' }), basket()).paymentToken).toBeUndefined();
  });

  it('is refused when the tip makes it more than an amount may be', () => {
    expect(() => draft('o', 'c', body({ tip: 1 }), basket(1_000_000_000_000))).toThrow('ORDER_TOO_LARGE');
    expect(draft('o', 'c', body(), basket(1_000_000_000_000)).total).toBe(1_000_000_000_000);
  });

  it('keeps the lines in the order of the cart', () => {
    const { quote } = basket();
    const more = { ...quote, items: [...quote.items, { ...quote.items[0]!, name: 'Bread' }] };
    const items = draftItems(draft('o', 'c', body(), basket()), more);
    expect(items.map(({ name, position, status }) => [name, position, status])).toEqual([
      ['Milk', 0, 'ordered'],
      ['Bread', 1, 'ordered'],
    ]);
    expect(items[0]).toMatchObject({ orderId: 'o', customerId: 'c' });
  });
});

it('a basket with a line that is short names that line', () => {
  const { quote } = basket();
  const short = { ...quote.items[0]!, name: 'Bread', available: false };
  expect(() => requireAvailable(quote)).not.toThrow();
  const lines = [{ productId: short.productId, name: 'Bread', quantity: 2 }];
  const refuse = () => requireAvailable({ ...quote, items: [...quote.items, short] });
  expect(refuse).toThrow(expect.objectContaining({ status: 422, code: 'OUT_OF_STOCK', options: { extra: { lines } } }));
});

it.each([
  ['wait=5', 5],
  ['respond-async, wait=10', 10],
  ['WAIT = "7"', 7],
  ['wait=31', 30],
  ['wait=0', 0],
  ['await=5', 0],
  ['return=minimal', 0],
  [undefined, 0],
])('Prefer: %s waits %s seconds', (prefer, seconds) => {
  expect(waitOf(prefer)).toBe(seconds);
});
