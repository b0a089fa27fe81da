import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';

const STORES = '/api/v1/inventory/stores';
let t: Harness;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
});
afterAll(() => t.close());

const add = (body: object, headers = {}) => t.http.post(STORES, { as: t.actor('admin'), body, headers });

describe('stores', () => {
  it('are added by an admin and listed to anybody, page by page', async () => {
    for (const name of ['Page C', 'Page A', 'Page B'])
      expect((await add({ name, lat: 12.9, lng: 77.6 })).status).toBe(201);
    const codes: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { status, body } = await t.http.get(`${STORES}?limit=1${cursor && `&cursor=${cursor}`}`);
      expect(status).toBe(200);
      codes.push(...body.items.map(({ code }: { code: string }) => code));
      cursor = body.nextCursor as string | null;
    }
    expect(codes).toEqual(['page-a', 'page-b', 'page-c']);
  });

  it('are open round the clock unless they are given hours', async () => {
    const { body } = await add({ code: 'always', name: 'Always', lat: 12.9, lng: 77.6 });
    expect(body).toMatchObject({ code: 'always', hours: { open: '00:00', close: '24:00' }, open: true });
  });

  it('close at once when they are switched off, and open again', async () => {
    const admin = t.actor('admin');
    const { id } = (await add({ name: 'Switch', lat: 12.9, lng: 77.6 })).body;
    const off = await t.http.patch(`${STORES}/${id}`, { as: admin, body: { open: false, name: 'Switched' } });
    expect(off.body).toMatchObject({ id, code: 'switch', name: 'Switched', open: false });
    expect((await t.http.patch(`${STORES}/${id}`, { as: admin, body: {} })).body.open).toBe(false);
    expect((await t.http.patch(`${STORES}/${id}`, { as: admin, body: { open: true } })).body.open).toBe(true);
  });

  it('keep to their hours by the local clock', async () => {
    const minute = (offset: number) => new Date(Date.now() + (330 + offset) * 60_000).toISOString().slice(11, 16); // Asia/Kolkata
    const hours = { open: minute(60), close: minute(120) };
    const { body } = await add({ name: 'Later', lat: 12.9, lng: 77.6, hours });
    expect(body).toMatchObject({ hours, open: false });
    const now = { open: minute(-60), close: minute(60) };
    const changed = await t.http.patch(`${STORES}/${body.id}`, { as: t.actor('admin'), body: { hours: now } });
    expect(changed.body).toMatchObject({ hours: now, open: true });
  });

  it('have codes of their own', async () => {
    expect((await add({ name: 'Twin', lat: 1, lng: 2 })).status).toBe(201);
    expect(await add({ name: 'twin!', lat: 1, lng: 2 })).toMatchObject({
      status: 409,
      body: { code: 'STORE_CODE_TAKEN' },
    });
    expect(await add({ name: 'ಜಯನಗರ', lat: 1, lng: 2 })).toMatchObject({
      status: 422,
      body: { code: 'STORE_CODE_NEEDED' },
    });
  });

  it('are added once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'store-1' };
    const admin = t.actor('admin');
    const body = { name: 'Once', lat: 1, lng: 2 };
    const first = await t.http.post(STORES, { as: admin, body, headers });
    const second = await t.http.post(STORES, { as: admin, body, headers });
    expect(second).toMatchObject({ status: 201, body: first.body, headers: { 'idempotency-replayed': 'true' } });
  });

  it.each([
    [{ name: '', lat: 1, lng: 2 }],
    [{ name: 'A', lat: 91, lng: 2 }],
    [{ name: 'A', lat: 1, lng: 2, colour: 'red' }],
    [{ name: 'A', lat: 1, lng: 2, hours: { open: '24:00', close: '24:00' } }],
    [{ name: 'A', lat: 1, lng: 2, hours: { open: '08:00', close: '08:00' } }],
    [{ name: 'A', lat: 1, lng: 2, hours: { open: '8:00', close: '25:00' } }],
    [{ name: 'A', lat: 1, lng: 2, hours: { open: '08:00', close: '20:00', lunch: true } }],
    [{ code: 'Not A Slug', name: 'A', lat: 1, lng: 2 }],
  ])('are refused where they are malformed: %j', async (body) => {
    expect((await add(body)).status).toBe(400);
  });

  it('are nobody else’s to change', async () => {
    const body = { name: 'Mine', lat: 1, lng: 2 };
    expect((await t.http.post(STORES, { body })).status).toBe(401);
    expect((await t.http.post(STORES, { as: t.actor('store_staff'), body })).status).toBe(403);
    const nowhere = `${STORES}/01900000-0000-7000-8000-000000000000`;
    expect(await t.http.patch(nowhere, { as: t.actor('admin'), body: { open: false } })).toMatchObject({
      status: 404,
      body: { code: 'STORE_NOT_FOUND' },
    });
    expect((await t.http.patch(`${STORES}/nonsense`, { as: t.actor('admin'), body })).status).toBe(400);
    expect((await t.http.get(`${STORES}?cursor=nonsense`)).body.code).toBe('INVALID_CURSOR');
  });
});
