import { InventoryApi, ProductApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CartItem } from './cart.entity.js';
import { CartModule } from './cart.module.js';
import { TestMarket } from './market.fixture.js';

const CART = '/api/v1/cart';

describe('the cart over HTTP', () => {
  const shop = new TestMarket();
  let t: Harness;
  let customer: Actor;

  beforeAll(async () => {
    t = await domainHarness(CartModule, {
      fakes: [fake(ProductApi, shop.products), fake(InventoryApi, shop.inventory)],
    });
  });
  afterAll(() => t.close());
  beforeEach(() => {
    shop.inventoryIsDown = false;
    customer = t.actor('customer');
  });

  const put = (
    productId: string,
    quantity: unknown,
    options: { as?: Actor; headers?: Record<string, string> } = { as: customer },
  ) => t.http.put(`${CART}/items/${productId}`, { ...options, body: { quantity } });
  const asGuest = (token: string) => ({ headers: { 'x-cart-token': token } });
  const codes = (body: { notices: { code: string }[] }) => body.notices.map(({ code }) => code);

  it('shows an empty cart to whoever has none, without making one', async () => {
    for (const who of [{ as: customer }, {}]) {
      const { status, body } = await t.http.get(CART, who);

      expect(status).toBe(200);
      expect(body).toEqual({
        id: expect.any(String),
        items: [],
        subtotal: 0,
        discount: 0,
        deliveryFee: 0,
        tax: 0,
        total: 0,
        currency: 'INR',
        notices: [],
      });
    }
    expect(await t.published()).toEqual([]);
  });

  it('answers a write with the whole cart, priced', async () => {
    const milk = shop.sell(3000);
    const eggs = shop.sell(9010);
    await put(milk, 2);
    const { status, body, headers } = await put(eggs, 1);

    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('x-cart-token');
    expect(body).toMatchObject({
      subtotal: 15_010,
      discount: 0,
      deliveryFee: 2500,
      tax: 751,
      total: 18_261,
      notices: [],
    });
    expect(body.items).toEqual([
      { productId: milk, name: 'Milk', quantity: 2, unitPrice: 3000, lineTotal: 6000, available: true },
      { productId: eggs, name: 'Milk', quantity: 1, unitPrice: 9010, lineTotal: 9010, available: true },
    ]);
    expect((await t.http.get(CART, { as: customer })).body).toEqual(body);
    expect(await t.published('cart.updated')).toContainEqual({
      cartId: body.id,
      customerId: customer.id,
      productId: eggs,
      quantity: 1,
      lines: 2,
    });
  });

  it('needs one look at the catalogue and one at the stock for a write', async () => {
    await put(shop.sell(100), 1);
    Object.assign(shop.calls, { getMany: 0, availability: 0 });
    await put(shop.sell(100), 1);

    expect(shop.calls).toEqual({ getMany: 1, availability: 1 });
  });

  it('sets the quantity rather than adding to it, and keeps the order of the lines', async () => {
    const [milk, eggs] = [shop.sell(100), shop.sell(200)];
    for (const id of [milk, eggs]) await put(id, 2);
    const { body } = await put(milk, 5);

    expect(body.items.map((item: { productId: string; quantity: number }) => [item.productId, item.quantity])).toEqual([
      [milk, 5],
      [eggs, 2],
    ]);
  });

  it('removes a line by quantity 0 or DELETE, and does not mind when it is gone', async () => {
    const [milk, eggs] = [shop.sell(100), shop.sell(200)];
    for (const id of [milk, eggs]) await put(id, 2);

    expect((await put(milk, 0)).body.items).toHaveLength(1);
    expect((await t.http.delete(`${CART}/items/${eggs}`, { as: customer })).body.items).toHaveLength(0);
    const again = await t.http.delete(`${CART}/items/${eggs}`, { as: customer });
    expect([again.status, again.body.items]).toEqual([200, []]);
  });

  it('is empty after DELETE, and still the same cart', async () => {
    const { id } = (await put(shop.sell(100), 2)).body;
    const { status, body } = await t.http.delete(CART, { as: customer });

    expect(status).toBe(200);
    expect(body).toMatchObject({ id, items: [], total: 0 });
    expect(await t.published('cart.cleared')).toContainEqual({ cartId: id, customerId: customer.id });
  });

  it('gives a guest a token with the first write, and knows the cart by it', async () => {
    const milk = shop.sell(100);
    const first = await put(milk, 2, {});
    const token = first.headers['x-cart-token']!;
    const second = await put(shop.sell(100), 1, asGuest(token));

    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16);
    expect(second.headers).not.toHaveProperty('x-cart-token');
    expect(second.body).toMatchObject({ id: first.body.id, subtotal: 300 });
    expect((await t.http.get(CART, asGuest(token))).body.items).toHaveLength(2);
    expect((await put(milk, 1, {})).headers['x-cart-token']).not.toBe(token);
  });

  it('keeps no guest token in a form that could be used', async () => {
    const token = (await put(shop.sell(100), 2, {})).headers['x-cart-token']!;
    const rows: unknown = await t.database.manager.query('SELECT * FROM carts');

    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('knows no cart for a token that it has not given out', async () => {
    const milk = shop.sell(100);
    const bad = asGuest('made-up');
    const answers = [
      await t.http.get(CART, bad),
      await put(milk, 1, bad),
      await put(milk, 0, bad),
      await t.http.delete(CART, bad),
    ];

    for (const { status, body } of answers) expect([status, body.code]).toEqual([404, 'CART_NOT_FOUND']);
  });

  it('shows a signed-in customer their own cart, whatever token comes along', async () => {
    const token = (await put(shop.sell(100), 2, {})).headers['x-cart-token']!;

    expect((await t.http.get(CART, { as: customer, ...asGuest(token) })).body.items).toEqual([]);
  });

  it.each([51, -1, 1.5, '2', null])('refuses the quantity %j', async (quantity) => {
    const { status, body } = await put(shop.sell(100), quantity);

    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('refuses products that are unknown or gone, and an id that is none', async () => {
    const answers = [await put(newId(), 1), await put(shop.sell(100, 5, { active: false }), 1), await put('milk', 1)];

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'PRODUCT_NOT_FOUND'],
      [422, 'PRODUCT_GONE'],
      [400, 'INVALID_ID'],
    ]);
    expect((await t.http.get(CART, { as: customer })).body.items).toEqual([]);
  });

  it('holds a hundred different products, and no more', async () => {
    const milk = shop.sell(100);
    const { id: cartId } = (await put(milk, 1)).body;
    const rows = Array.from({ length: 99 }, () => ({
      cartId,
      productId: shop.sell(1),
      quantity: 1,
      unitPrice: 1,
      addedAt: '2026-01-01T00:00:00.000Z',
    }));
    await t.database.manager.insert(CartItem, rows);
    const { status, body } = await put(shop.sell(100), 1);

    expect([status, body.code]).toEqual([422, 'CART_FULL']);
    expect((await put(milk, 2)).body.items).toHaveLength(100);
  });

  it('tells of a changed price until the line is set again', async () => {
    const milk = shop.sell(3000);
    await put(milk, 1);
    shop.change(milk, { amount: 3200 });
    const seen = (await t.http.get(CART, { as: customer })).body;

    expect(seen).toMatchObject({
      subtotal: 3200,
      notices: [{ code: 'PRICE_CHANGED', productId: milk, was: 3000, now: 3200 }],
    });
    expect(codes((await put(milk, 2)).body)).toEqual(['PRICE_CHANGED']);
    expect(codes((await t.http.get(CART, { as: customer })).body)).toEqual([]);
  });

  it('leaves out a product that was deleted, and says so', async () => {
    const [milk, eggs] = [shop.sell(3000), shop.sell(500)];
    for (const id of [milk, eggs]) await put(id, 1);
    shop.change(milk, { active: false });
    const { body } = await t.http.get(CART, { as: customer });

    expect(body).toMatchObject({ subtotal: 500, notices: [{ code: 'PRODUCT_GONE', productId: milk }] });
    expect(body.items).toHaveLength(1);
  });

  it('still shows prices while the stock cannot be asked for', async () => {
    const milk = shop.sell(3000);
    shop.inventoryIsDown = true;
    const { status, body } = await put(milk, 1);

    expect([status, codes(body)]).toEqual([200, ['STOCK_UNKNOWN']]);
    expect(body.items[0]).toMatchObject({ available: true, lineTotal: 3000 });
  });

  it('loses no line and makes one cart when everything is put at once', async () => {
    const ids = Array.from({ length: 20 }, () => shop.sell(100));
    const answers = await Promise.all(ids.map((id) => put(id, 1)));
    const { body } = await t.http.get(CART, { as: customer });

    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`))).toEqual(new Set([`200 ${body.id}`]));
    expect(answers.flatMap((answer) => codes(answer.body))).toEqual([]);
    expect(body.items.map(({ productId }: { productId: string }) => productId).sort()).toEqual([...ids].sort());
  });
});
