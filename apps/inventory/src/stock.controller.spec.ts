import { ProductApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { Stock } from './stock.entity.js';
import { openStore, stockOf, type TestStore } from './stock.fixture.js';

const URL = '/api/v1/inventory';
const sold = newId();
const withdrawn = newId();
const summary = (id: string) => ({
  ...{ id, sku: id, name: 'Milk', unit: '1 l', imageUrl: '/milk.webp', categoryId: newId() },
  ...{ price: { amount: 100, currency: 'INR' }, active: id === sold },
});
const products = fake(ProductApi, {
  getMany: async ({ ids }) => ({ items: ids.filter((id) => id === sold || id === withdrawn).map(summary) }),
});

let t: Harness;
let store: TestStore;
let productId: string;
beforeAll(async () => {
  t = await domainHarness(InventoryModule, { fakes: [products], env: { INVENTORY_LOW_STOCK: '7' } });
});
afterAll(() => t.close());
beforeEach(async () => {
  store = await openStore(t, [10, 3, 5, 20], 5);
  productId = store.productIds[0]!;
});

const staffOf = ({ storeId }: TestStore) => t.actor('store_staff', { stores: [storeId] });
const get = (path: string, as = staffOf(store)) => t.http.get(`${URL}/${path}`, { as });
const adjust = (body: object, headers = {}, as = staffOf(store)) =>
  t.http.post(`${URL}/adjustments`, {
    as,
    headers,
    body: { storeId: store.storeId, productId, reason: 'counted', ...body },
  });

describe('the stock of a store', () => {
  it('is listed to its staff, page by page', async () => {
    const first = await get(`stock?storeId=${store.storeId}&limit=3`);
    expect(first.status).toBe(200);
    const second = await get(`stock?storeId=${store.storeId}&limit=3&cursor=${first.body.nextCursor}`);
    expect(second.body.nextCursor).toBeNull();
    const items = [...first.body.items, ...second.body.items];
    expect(items.map((item: { productId: string }) => item.productId)).toEqual(store.productIds);
    expect(items[0]).toEqual({
      ...{ storeId: store.storeId, productId, onHand: 10, reserved: 0, available: 10, threshold: 5 },
    });
  });

  it('of one product is a list of one', async () => {
    const { body } = await get(`stock?storeId=${store.storeId}&productId=${productId}`);
    expect(body).toMatchObject({ items: [{ productId, onHand: 10 }], nextCursor: null });
    expect((await get(`stock?storeId=${store.storeId}&productId=${newId()}`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('is low where no more is available than the threshold says', async () => {
    const { body } = await get(`low-stock?storeId=${store.storeId}`);
    expect(body.items.map(({ available }: { available: number }) => available)).toEqual([3, 5]);
  });

  it('is shown to nobody else, and all stores’ to an admin', async () => {
    const other = await openStore(t, [1]);
    for (const path of ['stock', 'low-stock', 'movements']) {
      expect((await t.http.get(`${URL}/${path}`)).status).toBe(401);
      expect((await get(path, t.actor('customer'))).status).toBe(403);
      expect(await get(path)).toMatchObject({ status: 400, body: { code: 'STORE_REQUIRED' } });
      expect(await get(`${path}?storeId=${other.storeId}`)).toMatchObject({
        status: 404,
        body: { code: 'STORE_NOT_FOUND' },
      });
      expect((await get(`${path}?limit=1`, t.actor('admin'))).body.nextCursor).not.toBeNull();
      expect((await get(`${path}?storeId=${store.storeId}&limit=0`)).status).toBe(400);
      expect((await get(`${path}?storeId=${store.storeId}&cursor=x`)).body.code).toBe('INVALID_CURSOR');
    }
  });
});

describe('an adjustment', () => {
  it('changes the stock and is told, with who and why in the ledger', async () => {
    const staff = staffOf(store);
    const { status, body } = await adjust({ delta: -4, reason: 'Broken bottles' }, {}, staff);
    expect(status).toBe(201);
    expect(body).toEqual({ storeId: store.storeId, productId, onHand: 6, reserved: 0, available: 6, threshold: 5 });
    const { items } = (await get(`movements?storeId=${store.storeId}&productId=${productId}`)).body;
    expect(items[0]).toMatchObject({
      type: 'adjust',
      onHandDelta: -4,
      reservedDelta: 0,
      reason: 'Broken bottles',
      actorId: staff.id,
    });
    expect(items[1]).toMatchObject({ type: 'seed', onHandDelta: 10 });
    const level = { productId, onHand: 6, reserved: 0, available: 6 };
    expect((await t.published('inventory.updated')).at(-1)).toEqual({ storeId: store.storeId, items: [level] });
  });

  it('never takes away what is reserved or is not there', async () => {
    expect(await adjust({ delta: -11 })).toMatchObject({ status: 422, body: { code: 'STOCK_BELOW_RESERVED' } });
    expect((await stockOf(t, store, productId)).onHand).toBe(10);
  });

  it('that races another one loses nothing, and the two never take more than there is', async () => {
    const answers = await Promise.all([adjust({ delta: -6 }), adjust({ delta: -6 }), adjust({ delta: 1 })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422]);
    expect((await stockOf(t, store, productId)).onHand).toBe(5);
  });

  it('happens once for one Idempotency-Key, also when the requests come at once', async () => {
    const as = staffOf(store);
    const headers = { 'idempotency-key': newId() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => adjust({ delta: 2 }, headers, as)));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    const replayed = await adjust({ delta: 2 }, headers, as);
    expect(replayed).toMatchObject({ status: 201, body: { onHand: 12 }, headers: { 'idempotency-replayed': 'true' } });
    expect((await stockOf(t, store, productId)).onHand).toBe(12);
    expect((await adjust({ delta: 3 }, headers, as)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('brings a product of the catalogue into the store, even ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => adjust({ productId: sold, delta: i + 1 })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(await stockOf(t, store, sold)).toMatchObject({ onHand: 55, reserved: 0, threshold: 7 });
  });

  it('never makes it more than a shelf can hold', async () => {
    await t.database.manager.update(Stock, { storeId: store.storeId, productId }, { onHand: 1_000_000_000 });
    expect(await adjust({ delta: 1 })).toMatchObject({ status: 422, body: { code: 'STOCK_TOO_LARGE' } });
    expect(await adjust({ delta: -1 })).toMatchObject({ status: 201, body: { onHand: 999_999_999 } });
  });

  it('is refused for a product or store that is not known', async () => {
    const unknown = { status: 404, body: { code: 'PRODUCT_NOT_FOUND' } };
    expect(await adjust({ productId: newId(), delta: 5 })).toMatchObject(unknown);
    expect(await adjust({ productId: withdrawn, delta: 5 })).toMatchObject(unknown);
    expect(await adjust({ productId: sold, delta: -5 })).toMatchObject(unknown);
    const noStore = { status: 404, body: { code: 'STORE_NOT_FOUND' } };
    expect(await adjust({ storeId: newId(), delta: 5 })).toMatchObject(noStore);
    expect(await adjust({ storeId: newId(), delta: 5 }, {}, t.actor('admin'))).toMatchObject(noStore);
  });

  it.each([
    { delta: 0 },
    { delta: 1.5 },
    { delta: 100_001 },
    { delta: '3' },
    { delta: 1, reason: ' ' },
    { delta: 1, reason: 'x'.repeat(201) },
    { delta: 1, extra: 1 },
  ])('is refused where it is malformed: %j', async (body) => {
    expect((await adjust(body)).status).toBe(400);
  });

  it('is not for customers', async () => {
    expect((await adjust({ delta: 1 }, {}, t.actor('customer'))).status).toBe(403);
  });
});

describe('movements', () => {
  it('are listed newest first, page by page', async () => {
    for (const delta of [1, 2, 3]) await adjust({ delta });
    const path = `movements?storeId=${store.storeId}&productId=${productId}&limit=3`;
    const first = await get(path);
    const second = await get(`${path}&cursor=${first.body.nextCursor}`);
    const deltas = [...first.body.items, ...second.body.items].map((item: { onHandDelta: number }) => item.onHandDelta);
    expect(deltas).toEqual([3, 2, 1, 10]);
    expect(second.body.nextCursor).toBeNull();
  });
});
