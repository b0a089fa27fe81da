import { InventoryApi, LocationApi } from '@nakku/contracts';
import { seedId } from '@nakku/database';
import { localClient } from '@nakku/rpc';
import { Cache } from '@nakku/cache';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { LocationModule } from './location.module.js';
import { LocationSeed } from './location.seed.js';
import { LocationService } from './location.service.js';
import { TestStores } from './zone.fixture.js';

const URL = '/api/v1/location';
const KORAMANGALA = seedId('store:koramangala');
const stores = new TestStores();
let t: Harness;
beforeAll(async () => {
  t = await domainHarness(LocationModule, { fakes: [fake(InventoryApi, stores.api)] });
  await t.get(LocationSeed).seed();
});
afterAll(() => t.close());
beforeEach(async () => {
  stores.isDown = false;
  stores.add(KORAMANGALA);
  await t.get(Cache).deletePrefix('location:');
});

const at = (lat: unknown, lng: unknown) => t.http.get(`${URL}/serviceability?lat=${String(lat)}&lng=${String(lng)}`);

describe('serviceability', () => {
  it('names the store, the zone and the minutes', async () => {
    const { status, body } = await at(12.9352, 77.6245);
    expect(status).toBe(200);
    expect(body).toEqual({
      serviceable: true,
      storeId: KORAMANGALA,
      zoneId: seedId('zone:koramangala'),
      etaMinutes: 11,
    });
  });

  it('is denied out of every zone, without asking for a store', async () => {
    const before = stores.calls;
    expect((await at(13.2, 77.2)).body).toEqual({ serviceable: false, reason: 'OUT_OF_ZONE' });
    expect(stores.calls).toBe(before);
  });

  it('is denied while the store is closed', async () => {
    stores.add(KORAMANGALA, false);
    expect((await at(12.9352, 77.6245)).body).toMatchObject({
      serviceable: false,
      storeId: KORAMANGALA,
      reason: 'STORE_CLOSED',
    });
  });

  it('is denied in a zone whose store is not known', async () => {
    expect((await at(12.97, 77.6414)).body).toMatchObject({ serviceable: false, reason: 'STORE_CLOSED' });
  });

  it('asks about a store once in two seconds', async () => {
    const before = stores.calls;
    await Promise.all(Array.from({ length: 20 }, () => at(12.9352, 77.6245)));
    expect(stores.calls).toBe(before + 1);
    stores.isDown = true;
    expect((await at(12.9352, 77.6245)).status).toBe(200);
  });

  it('is not guessed while inventory is down', async () => {
    stores.isDown = true;
    const { status, body, headers } = await at(12.9352, 77.6245);
    expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    expect(headers['retry-after']).toBeDefined();
  });

  it.each([
    [91, 77],
    [12.9, 181],
    ['', 77.6],
    ['north', 77.6],
    ['Infinity', 77.6],
  ])('of %s, %s is a malformed question', async (lat, lng) => {
    expect((await at(lat, lng)).status).toBe(400);
    expect((await t.http.get(`${URL}/serviceability?lat=12.9`)).status).toBe(400);
  });
});

describe('geocoding', () => {
  it('finds places by their names and postal codes', async () => {
    const { status, body } = await t.http.get(`${URL}/geocode?q=koramangala&limit=3`);
    expect(status).toBe(200);
    expect(body.items[0]).toEqual({
      ...{ name: 'Koramangala', postalCode: '560034', city: 'Bengaluru', lat: 12.9352, lng: 77.6245 },
      score: body.items[0].score,
    });
    expect(body.items).toHaveLength(3);
    expect(body.nextCursor).toBeNull();
    const codes = (await t.http.get(`${URL}/geocode?q=560034`)).body.items.map(
      (item: { postalCode: string }) => item.postalCode,
    );
    expect(new Set(codes)).toEqual(new Set(['560034']));
    expect((await t.http.get(`${URL}/geocode?q=atlantis`)).body).toEqual({ items: [], nextCursor: null });
  });

  it.each(['', '%20', 'x'.repeat(201)])('has to be asked something: %j', async (q) => {
    expect((await t.http.get(`${URL}/geocode?q=${q}`)).status).toBe(400);
  });

  it('works the other way round within five kilometres', async () => {
    const { body } = await t.http.get(`${URL}/reverse?lat=12.9353&lng=77.6246`);
    expect(body).toMatchObject({ name: 'Koramangala', postalCode: '560034', meters: 16 });
    const nowhere = await t.http.get(`${URL}/reverse?lat=0&lng=0`);
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'PLACE_NOT_FOUND']);
  });
});

describe('the distance', () => {
  it('is told in metres by road and minutes of riding', async () => {
    const body = { from: { lat: 12.9352, lng: 77.6245 }, to: { lat: 12.9719, lng: 77.6412 } };
    const answer = await t.http.post(`${URL}/distance`, { body });
    expect(answer).toMatchObject({ status: 200, body: { meters: 5803, minutes: 20 } });
    expect((await t.http.post(`${URL}/distance`, { body: { from: body.from } })).status).toBe(400);
    expect((await t.http.post(`${URL}/distance`, { body: { ...body, by: 'foot' } })).status).toBe(400);
  });
});

describe('an address', () => {
  const address = {
    ...{ label: 'Home', line1: 'Flat 302, Koramangala', city: 'Bengaluru', state: 'Karnataka' },
    ...{ postalCode: '560034', country: 'IN' },
  };
  const check = async (given: object) =>
    (await t.http.post(`${URL}/validate-address`, { body: { ...address, ...given } })).body;

  it('that is in order is valid, located and checked against the zones', async () => {
    expect(await check({})).toMatchObject({
      ...{ valid: true, issues: [], lat: 12.9352, lng: 77.6245 },
      serviceability: { serviceable: true, storeId: KORAMANGALA },
    });
  });

  it('may be valid though nobody delivers there', async () => {
    const report = await check({ line1: '1, MG Road', postalCode: '560001' });
    expect(report).toMatchObject({ valid: true, serviceability: { serviceable: false, reason: 'OUT_OF_ZONE' } });
  });

  it.each([
    [{ line1: '  ' }, ['line1']],
    [{ city: 'Mumbai' }, ['city']],
    [{ postalCode: '110001' }, ['postalCode']],
    [{ postalCode: '56003' }, ['postalCode']],
    [{ postalCode: '056003', state: '' }, ['state', 'postalCode']],
  ])('with %j is not valid, and what is wrong is named', async (given, paths) => {
    const report = await check(given);
    expect(report.valid).toBe(false);
    expect(report.issues.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  it('with a position of its own is not looked up', async () => {
    const there = { lat: 12.9703, lng: 77.6414 };
    expect(await check(there)).toMatchObject({
      valid: true,
      ...there,
      serviceability: { zoneId: seedId('zone:indiranagar') },
    });
    expect((await check({ lat: 12.9 })).code).toBe('INVALID_REQUEST');
    expect((await check({ country: 'India' })).code).toBe('INVALID_REQUEST');
    expect((await check({ colour: 'red' })).code).toBe('INVALID_REQUEST');
  });
});

describe('other domains', () => {
  const api = () => localClient(LocationApi.contract, () => t.get(LocationService), 5000);
  const address = { line1: '12, 4th Block', line2: 'Koramangala', city: 'Bengaluru', state: 'Karnataka' };

  it('are told where an address is', async () => {
    const found = await api().geocode({ ...address, postalCode: '560034', country: 'IN' });
    expect(found).toEqual({ found: true, lat: 12.9336, lng: 77.6302 });
    expect(await api().geocode({ ...address, line1: '', line2: '', postalCode: '1', country: 'IN' })).toEqual({
      found: false,
    });
  });

  it('are told what can be served, and how far it is', async () => {
    expect(await api().serviceability({ lat: 12.9352, lng: 77.6245 })).toMatchObject({ serviceable: true });
    const point = { lat: 12.9352, lng: 77.6245 };
    expect(await api().distance({ from: point, to: point })).toEqual({ meters: 0, minutes: 0 });
    stores.isDown = true;
    await t.get(Cache).deletePrefix('location:');
    await expect(api().serviceability(point)).rejects.toMatchObject({ status: 503 });
  });
});
