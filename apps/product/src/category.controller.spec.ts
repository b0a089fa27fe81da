import type { Actor } from '@nakku/observability';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { ProductModule } from './product.module.js';

const CATEGORIES = '/api/v1/categories';
let t: Harness;
let admin: Actor;
let serial = 0;

const post = (given: object) =>
  t.http.post(CATEGORIES, { as: admin, body: { name: 'Category', slug: `category-${++serial}`, ...given } });
const create = async (given: object = {}) => (await post(given)).body;
const patch = (id: string, body: object) => t.http.patch(`${CATEGORIES}/${id}`, { as: admin, body });
const remove = (id: string) => t.http.delete(`${CATEGORIES}/${id}`, { as: admin });
const find = async (id: string) =>
  (await t.http.get(CATEGORIES)).body.items.find((each: { id: string }) => each.id === id);
const addProduct = (categoryId: string) => {
  const texts = { sku: newId(), name: 'Milk', brand: 'Gopala', unit: '1 L' };
  return t.http.post('/api/v1/products', {
    as: admin,
    body: { ...texts, categoryId, price: { amount: 100, currency: 'INR' } },
  });
};

beforeAll(async () => {
  t = await domainHarness(ProductModule);
  admin = t.actor('admin');
});
afterAll(() => t.close());

describe('the category tree', () => {
  it('is shown flat, by name, with parents and the products below', async () => {
    const parent = await create({ name: 'Dairy' });
    const child = await create({ name: 'butter', parentId: parent.id });
    await addProduct(child.id);
    const { body } = await t.http.get(CATEGORIES);
    expect(body).toEqual({
      items: [
        { id: child.id, name: 'butter', slug: child.slug, parentId: parent.id, productCount: 1 },
        { id: parent.id, name: 'Dairy', slug: parent.slug, productCount: 1 },
      ],
      nextCursor: null,
    });
  });

  it('comes in pages if asked to', async () => {
    for (let i = 0; i < 3; i++) await create({ name: 'Same name' });
    const seen: string[] = [];
    for (let cursor = ''; cursor !== null;) {
      const { body } = await t.http.get(`${CATEGORIES}?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual((await t.http.get(CATEGORIES)).body.items.map(({ id }: { id: string }) => id));
    expect((await t.http.get(`${CATEGORIES}?cursor=x`)).body.code).toBe('INVALID_CURSOR');
  });

  it('is changed by admins only', async () => {
    const { id } = await create();
    const customer = t.actor('customer');
    expect((await t.http.post(CATEGORIES, { as: customer, body: { name: 'A', slug: 'a' } })).status).toBe(403);
    expect((await t.http.patch(`${CATEGORIES}/${id}`, { as: customer, body: { name: 'A' } })).status).toBe(403);
    expect((await t.http.delete(`${CATEGORIES}/${id}`)).status).toBe(401);
  });
});

describe('a new category', () => {
  it('needs a slug of its own, and a parent that is there', async () => {
    const { slug } = await create();
    expect(await post({ slug })).toMatchObject({ status: 409, body: { code: 'SLUG_TAKEN' } });
    expect(await post({ parentId: newId() })).toMatchObject({ status: 422, body: { code: 'CATEGORY_NOT_FOUND' } });
    expect((await post({ slug: 'Not A Slug' })).status).toBe(400);
  });

  it('may be four levels deep and no more', async () => {
    let parentId: string | undefined;
    for (let level = 1; level <= 4; level++) parentId = (await create({ parentId })).id;
    expect(await post({ parentId })).toMatchObject({ status: 422, body: { code: 'CATEGORY_TOO_DEEP' } });
  });
});

describe('a change', () => {
  it('renames and moves, and takes effect at once', async () => {
    const [parent, child] = [await create(), await create()];
    await addProduct(child.id);
    expect((await patch(child.id, { name: 'Renamed', parentId: parent.id })).body).toMatchObject({
      name: 'Renamed',
      parentId: parent.id,
      productCount: 1,
    });
    expect(await find(parent.id)).toMatchObject({ productCount: 1 });
    expect((await t.http.get(`/api/v1/products?category=${parent.slug}`)).body.items).toHaveLength(1);
    await patch(child.id, { parentId: null });
    expect(await find(child.id)).not.toHaveProperty('parentId');
    expect(await find(parent.id)).toMatchObject({ productCount: 0 });
  });

  it('refuses a circle, also one that two moves at once would close', async () => {
    const [a, b] = [await create(), await create()];
    expect(await patch(a.id, { parentId: a.id })).toMatchObject({ status: 422, body: { code: 'CATEGORY_CYCLE' } });
    const both = await Promise.all([patch(a.id, { parentId: b.id }), patch(b.id, { parentId: a.id })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('refuses a slug that is taken, and a category that is not there', async () => {
    const [a, b] = [await create(), await create()];
    expect((await patch(a.id, { slug: b.slug })).body.code).toBe('SLUG_TAKEN');
    expect((await patch(a.id, { slug: a.slug })).status).toBe(200);
    expect((await patch(newId(), { name: 'A' })).body.code).toBe('CATEGORY_NOT_FOUND');
  });
});

describe('deleting a category', () => {
  it('works for an empty one, and frees its slug', async () => {
    const { id, slug } = await create();
    expect((await remove(id)).status).toBe(204);
    expect(await find(id)).toBeUndefined();
    expect((await remove(id)).status).toBe(404);
    expect((await post({ slug })).status).toBe(201);
  });

  it('is refused while there is something in it', async () => {
    const [parent, full] = [await create(), await create()];
    const child = await create({ parentId: parent.id });
    const product = (await addProduct(full.id)).body;
    expect(await remove(parent.id)).toMatchObject({ status: 409, body: { code: 'CATEGORY_NOT_EMPTY' } });
    expect(await remove(full.id)).toMatchObject({ status: 409, body: { code: 'CATEGORY_NOT_EMPTY' } });
    await t.http.delete(`/api/v1/products/${product.id}`, { as: admin });
    for (const { id } of [child, parent, full]) expect((await remove(id)).status).toBe(204);
  });

  it('leaves no product without a category, however close they come', async () => {
    const { id } = await create();
    const [product, removal] = await Promise.all([addProduct(id), remove(id)]);
    expect([product.status, removal.status]).toEqual(product.status === 201 ? [201, 409] : [422, 204]);
  });
});
