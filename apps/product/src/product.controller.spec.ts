import type { Actor } from '@nakku/observability';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { ProductModule } from './product.module.js';
import { ProductService } from './product.service.js';

const PRODUCTS = '/api/v1/products';
let t: Harness;
let admin: Actor;
let categoryId: string;
let serial = 0;

const body = (given: object = {}) => ({
  sku: `SKU-${++serial}`,
  name: 'Toned Milk',
  brand: 'Gopala',
  categoryId,
  description: 'Fresh.',
  unit: '1 L',
  imageUrl: '/images/milk.webp',
  price: { amount: 5600, currency: 'INR' },
  ...given,
});
const create = async (given: object = {}) => (await t.http.post(PRODUCTS, { as: admin, body: body(given) })).body;
const patch = (id: string, change: object, headers?: Record<string, string>) =>
  t.http.patch(`${PRODUCTS}/${id}`, { as: admin, body: change, headers });

beforeAll(async () => {
  t = await domainHarness(ProductModule);
  admin = t.actor('admin');
  categoryId = (await t.http.post('/api/v1/categories', { as: admin, body: { name: 'Milk', slug: 'milk' } })).body.id;
});
afterAll(() => t.close());

describe('creating a product', () => {
  it('answers with it, shows it at once, and tells the others', async () => {
    const sent = body({ compareAt: { amount: 6000, currency: 'INR' } });
    const { status, body: product, headers } = await t.http.post(PRODUCTS, { as: admin, body: sent });
    expect([status, headers.etag]).toEqual([201, '"1"']);
    expect(product).toEqual({ id: expect.any(String), version: 1, ...sent });
    expect((await t.http.get(`${PRODUCTS}/${product.id}`)).body).toEqual(product);
    expect((await t.http.get(`${PRODUCTS}?q=${sent.sku}`)).body.items).toEqual([product]);
    expect((await t.published('product.created')).at(-1)).toEqual({
      productId: product.id,
      sku: sent.sku,
      name: sent.name,
      price: sent.price,
      version: 1,
    });
  });

  it('is for admins', async () => {
    expect((await t.http.post(PRODUCTS, { body: body() })).status).toBe(401);
    for (const role of ['customer', 'rider', 'store_staff'] as const) {
      expect((await t.http.post(PRODUCTS, { as: t.actor(role), body: body() })).status).toBe(403);
    }
  });

  it('refuses a sku that is taken, and leaves nothing behind', async () => {
    const { sku } = await create();
    const events = (await t.published()).length;
    expect(await t.http.post(PRODUCTS, { as: admin, body: body({ sku }) })).toMatchObject({
      status: 409,
      body: { code: 'SKU_TAKEN' },
    });
    expect((await t.published()).length).toBe(events);
  });

  it('gives one of two with the same sku at once', async () => {
    const sent = body();
    const answers = await Promise.all([1, 2, 3].map(() => t.http.post(PRODUCTS, { as: admin, body: sent })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('refuses a category that does not exist', async () => {
    expect(await t.http.post(PRODUCTS, { as: admin, body: body({ categoryId: newId() }) })).toMatchObject({
      status: 422,
      body: { code: 'CATEGORY_NOT_FOUND' },
    });
  });

  it.each([
    ['a field that is not known', { colour: 'red' }],
    ['an id', { id: newId() }],
    ['a fraction of a paisa', { price: { amount: 1.5, currency: 'INR' } }],
    ['a negative price', { price: { amount: -1, currency: 'INR' } }],
    ['a bare number for a price', { price: 100 }],
    ['an empty name', { name: '  ' }],
    ['a script for a picture', { imageUrl: 'javascript:alert(1)' }],
    ['another host without a scheme', { imageUrl: '//evil.example/x.png' }],
  ])('refuses %s', async (_, given) => {
    expect(await t.http.post(PRODUCTS, { as: admin, body: body(given) })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });

  it('happens once for one Idempotency-Key', async () => {
    const sent = { as: admin, body: body(), headers: { 'idempotency-key': 'create-once' } };
    const first = await t.http.post(PRODUCTS, sent);
    const second = await t.http.post(PRODUCTS, sent);
    expect(second).toMatchObject({ status: 201, body: first.body, headers: { 'idempotency-replayed': 'true' } });
  });

  it('is refused in the same way for one Idempotency-Key', async () => {
    const { sku } = await create();
    const sent = { as: admin, body: body({ sku }), headers: { 'idempotency-key': 'refuse-once' } };
    for (const replayed of [undefined, 'true']) {
      const { status, body: problem, headers } = await t.http.post(PRODUCTS, sent);
      expect([status, problem.code, headers.etag]).toEqual([409, 'SKU_TAKEN', undefined]);
      expect(headers['idempotency-replayed']).toBe(replayed);
    }
  });
});

describe('reading a product', () => {
  it('costs nothing for who has it already', async () => {
    const { id } = await create();
    const url = `${PRODUCTS}/${id}`;
    const { etag } = (await t.http.get(url)).headers;
    expect(await t.http.get(url, { headers: { 'if-none-match': etag! } })).toMatchObject({
      status: 304,
      body: undefined,
      headers: { etag },
    });
    await patch(id, { name: 'Other', version: 1 });
    expect(await t.http.get(url, { headers: { 'if-none-match': etag! } })).toMatchObject({
      status: 200,
      body: { name: 'Other', version: 2 },
    });
  });

  it('is 404 for one that is not there, and 400 for what is no id', async () => {
    expect(await t.http.get(`${PRODUCTS}/${newId()}`)).toMatchObject({
      status: 404,
      body: { code: 'PRODUCT_NOT_FOUND' },
    });
    expect((await t.http.get(`${PRODUCTS}/milk`)).status).toBe(400);
  });
});

describe('changing a product', () => {
  it('counts the version, shows it and tells the others', async () => {
    const { id } = await create();
    const answer = await patch(id, { price: { amount: 1, currency: 'INR' }, version: 1 });
    expect(answer).toMatchObject({
      status: 200,
      body: { id, version: 2, name: 'Toned Milk', price: { amount: 1 } },
      headers: { etag: '"2"' },
    });
    expect((await t.http.get(`${PRODUCTS}/${id}`)).body).toEqual(answer.body);
    expect((await t.published('product.updated')).at(-1)).toMatchObject({
      productId: id,
      version: 2,
      price: { amount: 1 },
    });
  });

  it('may say by If-Match what it is based on', async () => {
    const { id } = await create();
    expect((await patch(id, { name: 'A' }, { 'if-match': '"1"' })).body.version).toBe(2);
    expect((await patch(id, { name: 'B' }, { 'if-match': '*' })).body.version).toBe(3);
    expect(await patch(id, { name: 'C' }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'VERSION_STALE', version: 3 },
    });
    expect((await patch(id, { name: 'C', version: 3 }, { 'if-match': '"2"' })).status).toBe(412);
  });

  it('has to say what it is based on', async () => {
    const { id } = await create();
    expect(await patch(id, { name: 'A' })).toMatchObject({ status: 400, body: { code: 'VERSION_REQUIRED' } });
  });

  it('lets one of many at once through', async () => {
    const { id } = await create();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => patch(id, { name: `Name ${i}`, version: 1 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
    expect((await t.http.get(`${PRODUCTS}/${id}`)).body).toEqual(answers.find(({ status }) => status === 200)!.body);
  });

  it('ends an offer by null', async () => {
    const { id } = await create({ compareAt: { amount: 6000, currency: 'INR' } });
    expect((await patch(id, { compareAt: null, version: 1 })).body).not.toHaveProperty('compareAt');
  });

  it('refuses the sku of another, a category that is not there, and a product that is not', async () => {
    const [{ sku }, { id }] = [await create(), await create()];
    expect(await patch(id, { sku, version: 1 })).toMatchObject({ status: 409, body: { code: 'SKU_TAKEN' } });
    expect(await patch(id, { categoryId: newId(), version: 1 })).toMatchObject({ status: 422 });
    expect((await patch(newId(), { name: 'A', version: 1 })).status).toBe(404);
    expect((await t.http.get(`${PRODUCTS}/${id}`)).body.version).toBe(1);
  });
});

describe('deleting a product', () => {
  it('takes it out of every list, tells the others, and is done once', async () => {
    const { id, sku } = await create();
    const url = `${PRODUCTS}/${id}`;
    expect(await t.http.delete(url, { as: admin })).toMatchObject({ status: 204, body: undefined });
    expect(await t.http.get(url)).toMatchObject({ status: 404, body: { code: 'PRODUCT_NOT_FOUND' } });
    expect((await t.http.get(`${PRODUCTS}?q=${sku}`)).body.items).toEqual([]);
    expect((await t.published('product.deleted')).at(-1)).toEqual({ productId: id });
    expect((await t.http.delete(url, { as: admin })).status).toBe(404);
    expect((await patch(id, { name: 'A', version: 2 })).status).toBe(404);
  });

  it('frees its sku', async () => {
    const { id, sku } = await create();
    await t.http.delete(`${PRODUCTS}/${id}`, { as: admin });
    expect((await t.http.post(PRODUCTS, { as: admin, body: body({ sku }) })).status).toBe(201);
  });

  it('may be for one version only', async () => {
    const { id } = await create();
    await patch(id, { name: 'A', version: 1 });
    expect((await t.http.delete(`${PRODUCTS}/${id}`, { as: admin, headers: { 'if-match': '"1"' } })).status).toBe(412);
    expect((await t.http.delete(`${PRODUCTS}/${id}`, { as: admin, headers: { 'if-match': '"2"' } })).status).toBe(204);
  });
});

describe('what other domains ask for', () => {
  it('leaves out what is not known, and says what is no longer for sale', async () => {
    const [kept, gone] = [await create(), await create()];
    await t.http.delete(`${PRODUCTS}/${gone.id}`, { as: admin });
    const { items } = await t.get(ProductService).getMany({ ids: [gone.id, newId(), kept.id] });
    expect(items).toMatchObject([
      { id: gone.id, active: false },
      { id: kept.id, active: true, price: { amount: 5600, currency: 'INR' } },
    ]);
  });
});
