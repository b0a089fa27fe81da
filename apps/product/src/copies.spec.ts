import { orderConfirmed } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { domainHarness, type Harness } from '@nakku/testing';
import { CatalogueService } from './catalogue.service.js';
import { CoPurchase } from './co-purchase.entity.js';
import { ProductModule } from './product.module.js';
import { ProductSeed } from './product.seed.js';

const PRODUCTS = '/api/v1/products';
const CATEGORIES = '/api/v1/categories';
let copies: Harness[];
let admin: Actor;
let serial = 0;
beforeEach(async () => {
  const first = await domainHarness(ProductModule);
  copies = [first, await domainHarness(ProductModule, { beside: first })];
  admin = first.actor('admin');
});
afterEach(async () => {
  for (const copy of copies.toReversed()) await copy.close();
});

const either = (n: number): Harness => copies[n % copies.length]!;
const newCategory = async (given: object = {}): Promise<string> => {
  const body = { name: 'Milk', slug: `milk-${++serial}`, ...given };
  return (await either(0).http.post(CATEGORIES, { as: admin, body })).body.id;
};
const addProduct = (copy: Harness, categoryId: string, sku = `SKU-${++serial}`) => {
  const texts = { sku, name: 'Toned Milk', brand: 'Gopala', unit: '1 L', categoryId };
  return copy.http.post(PRODUCTS, { as: admin, body: { ...texts, price: { amount: 100, currency: 'INR' } } });
};
const move = (copy: Harness, id: string, parentId: string) =>
  copy.http.patch(`${CATEGORIES}/${id}`, { as: admin, body: { parentId } });
const many = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();

describe('products that two copies of the service edit at once', () => {
  it('are changed by everybody who does not mind the version, one after the other', async () => {
    const { id } = (await addProduct(either(0), await newCategory())).body;
    const change = (n: number) =>
      either(n).http.patch(`${PRODUCTS}/${id}`, { as: admin, body: { name: `${n}` }, headers: { 'if-match': '*' } });
    const answers = await many(8, change);
    expect(answers.map(({ body }) => body.version).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    for (const copy of copies) await copy.get(CatalogueService).refresh();
    const seen = await Promise.all(copies.map((copy) => copy.http.get(`${PRODUCTS}/${id}`)));
    expect(seen.map(({ body }) => body)).toEqual([seen[0]!.body, seen[0]!.body]);
    expect(seen[0]!.body.version).toBe(9);
    expect((await either(0).published('product.updated')).map(({ version }) => version)).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('are changed by one of those who have seen the same version', async () => {
    const { id } = (await addProduct(either(0), await newCategory())).body;
    const change = (n: number) =>
      either(n).http.patch(`${PRODUCTS}/${id}`, { as: admin, body: { name: `${n}`, version: 1 } });
    expect(statuses(await many(6, change))).toEqual([200, 412, 412, 412, 412, 412]);
  });

  it('are deleted once', async () => {
    const { id } = (await addProduct(either(0), await newCategory())).body;
    expect(statuses(await many(6, (n) => either(n).http.delete(`${PRODUCTS}/${id}`, { as: admin })))).toEqual([
      204, 404, 404, 404, 404, 404,
    ]);
    expect(await either(0).published('product.deleted')).toHaveLength(1);
  });

  it('have a sku each', async () => {
    const shelves = [await newCategory(), await newCategory()];
    const answers = await many(6, (n) => addProduct(either(n), shelves[n % 2]!, 'SAME'));
    expect(statuses(answers)).toEqual([201, 409, 409, 409, 409, 409]);
  });
});

describe('the category tree that two copies of the service change at once', () => {
  it('has no circle', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await newCategory(), await newCategory()] as const;
      expect(statuses(await Promise.all([move(either(0), a, b), move(either(1), b, a)]))).toEqual([200, 422]);
    }
  });

  it('has no product without a category', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await newCategory();
      const [product, removal] = await Promise.all([
        addProduct(either(0), id),
        either(1).http.delete(`${CATEGORIES}/${id}`, { as: admin }),
      ]);
      expect([product.status, removal.status]).toEqual(product.status === 201 ? [201, 409] : [422, 204]);
    }
  });

  it('has no category below one that is gone', async () => {
    for (let round = 0; round < 5; round++) {
      const parentId = await newCategory();
      const body = { name: 'Curd', slug: `curd-${++serial}`, parentId };
      const [child, removal] = await Promise.all([
        either(0).http.post(CATEGORIES, { as: admin, body }),
        either(1).http.delete(`${CATEGORIES}/${parentId}`, { as: admin }),
      ]);
      expect([child.status, removal.status]).toEqual(child.status === 201 ? [201, 409] : [422, 204]);
    }
  });
});

it('counts what is bought together once for each order, whichever copy hears of it, and without beginning anew', async () => {
  const productIds = Array.from({ length: 5 }, newId);
  const address = {
    label: 'H',
    line1: '1',
    city: 'B',
    state: 'KA',
    postalCode: '560034',
    country: 'IN',
    lat: 1,
    lng: 2,
  };
  const confirmed = (ids: string[]) =>
    orderConfirmed({
      ...{ orderId: newId(), number: 'N-1', customerId: newId(), storeId: newId(), paymentId: newId() },
      items: ids.map((productId) => ({ productId, name: 'Name', quantity: 1, unitPrice: 1, lineTotal: 1 })),
      ...{ total: 1, currency: 'INR', paymentMethod: 'cod', address, promisedAt: '2026-01-01T00:00:00.000Z' },
    });
  const rotated = (n: number) => [...productIds.slice(n % 5), ...productIds.slice(0, n % 5)];
  // Half of them have all five, half of them only some: pairs are begun and counted at the same time.
  await many(30, (n) => either(n).deliver(confirmed(rotated(n).slice(0, n % 2 ? 5 : 2))));
  const rows = await either(0).database.manager.find(CoPurchase);
  expect(rows).toHaveLength(20);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(15 * 20 + 15 * 2);
  expect(copies.map(({ database }) => database.stats().rollbacks)).toEqual([0, 0]);
});

it('loads the demo catalogue once when two copies start on an empty database', async () => {
  await Promise.all(copies.map((copy) => copy.get(ProductSeed).seed()));
  for (const copy of copies) await copy.get(CatalogueService).refresh();
  const lists = await Promise.all(copies.map((copy) => copy.http.get(`${PRODUCTS}?limit=100&sort=name`)));
  expect(lists[0]!.body.items).toHaveLength(100);
  expect(lists.map(({ body }) => body)).toEqual([lists[0]!.body, lists[0]!.body]);
});
