import { InventoryApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { AtlasService } from './atlas.service.js';
import { cellsOf } from './cells.js';
import { LocationModule } from './location.module.js';
import { ZoneCell } from './zone.entity.js';
import { box, TestStores } from './zone.fixture.js';
import { ZoneRepository } from './zone.repository.js';

const ZONES = '/api/v1/location/zones';
const stores = new TestStores();
const storeId = stores.add();
let t: Harness;
beforeAll(async () => {
  t = await domainHarness(LocationModule, { fakes: [fake(InventoryApi, stores.api)] });
});
afterAll(() => t.close());

const admin = () => t.actor('admin');
const add = (body: object, headers = {}) =>
  t.http.post(ZONES, { as: admin(), headers, body: { storeId, name: 'Zone', ...body } });
const change = (id: string, body: object) => t.http.patch(`${ZONES}/${id}`, { as: admin(), body });
const zoneAt = (lng: number, lat: number) => t.get(AtlasService).current().at({ lng, lat })?.id;
const toldOf = async (zoneId: string) =>
  (await t.published('location.zone.updated')).filter((data: { zoneId: string }) => data.zoneId === zoneId);

describe('a zone', () => {
  it('is in force as soon as it is added, and its event is published', async () => {
    const { status, body } = await add({ polygon: box(10, 10) });
    expect(status).toBe(201);
    expect(body).toEqual({ id: body.id, storeId, name: 'Zone', polygon: box(10, 10) });
    expect(zoneAt(10.01, 10.01)).toBe(body.id);
    expect(await toldOf(body.id)).toEqual([{ zoneId: body.id, storeId, deleted: false }]);
  });

  it('moves with its polygon and leaves nothing behind', async () => {
    const { id } = (await add({ polygon: box(11, 10) })).body;
    const { status, body } = await change(id, { polygon: box(11.1, 10), name: 'Moved' });
    expect(status).toBe(200);
    expect(body).toEqual({ id, storeId, name: 'Moved', polygon: box(11.1, 10) });
    expect(zoneAt(11.01, 10.01)).toBeUndefined();
    expect(zoneAt(11.11, 10.01)).toBe(id);
    expect(await toldOf(id)).toHaveLength(2);
  });

  it('keeps what a change does not name', async () => {
    const { id } = (await add({ polygon: box(12, 10) })).body;
    const other = stores.add();
    expect((await change(id, { storeId: other })).body).toEqual({
      id,
      storeId: other,
      name: 'Zone',
      polygon: box(12, 10),
    });
    expect((await change(id, {})).body.storeId).toBe(other);
    expect(zoneAt(12.01, 10.01)).toBe(id);
  });

  it('is gone at once when it is deleted', async () => {
    const { id } = (await add({ polygon: box(13, 10) })).body;
    expect((await t.http.delete(`${ZONES}/${id}`, { as: admin() })).status).toBe(204);
    expect(zoneAt(13.01, 10.01)).toBeUndefined();
    expect(await t.database.manager.countBy(ZoneCell, { zoneId: id })).toBe(0);
    expect((await toldOf(id)).at(-1)).toEqual({ zoneId: id, storeId, deleted: true });
    for (const answer of [await t.http.delete(`${ZONES}/${id}`, { as: admin() }), await change(id, { name: 'X' })])
      expect(answer).toMatchObject({ status: 404, body: { code: 'ZONE_NOT_FOUND' } });
  });

  it('never overlaps another one, but may touch it and may move within itself', async () => {
    const { id } = (await add({ name: 'First', polygon: box(14, 10) })).body;
    const refused = await add({ polygon: box(14.01, 10.01) });
    expect(refused).toMatchObject({ status: 422, body: { code: 'ZONE_OVERLAPS', zoneId: id } });
    expect(refused.body.detail).toContain('First');
    const neighbour = await add({ polygon: box(14.02, 10) });
    expect(neighbour.status).toBe(201);
    expect((await change(neighbour.body.id, { polygon: box(14.015, 10) })).body.code).toBe('ZONE_OVERLAPS');
    expect(zoneAt(14.03, 10.01)).toBe(neighbour.body.id);
    expect((await change(id, { polygon: box(14.001, 10.001, 0.018) })).status).toBe(200);
  });

  it('is refused to all but one of those who want the same place at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => add({ polygon: box(15 + i / 1000, 10) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422, 422]);
  });

  it('has to be a polygon that can be delivered to', async () => {
    const polygon = box(16, 10);
    polygon.coordinates = [polygon.coordinates[0]!.slice(0, 4)];
    const { status, body } = await add({ polygon });
    expect([status, body.code]).toEqual([422, 'POLYGON_INVALID']);
    expect(body.detail).toContain('not closed');
    for (const broken of [{ type: 'Point', coordinates: [1, 2] }, { type: 'Polygon', coordinates: [[[1]]] }, 'x'])
      expect((await add({ polygon: broken })).status).toBe(400);
  });

  it('belongs to a store that there is', async () => {
    const unknown = { status: 404, body: { code: 'STORE_NOT_FOUND' } };
    expect(await add({ storeId: newId(), polygon: box(17, 10) })).toMatchObject(unknown);
    expect((await add({ polygon: box(17, 10), colour: 'red' })).status).toBe(400);
  });

  it('is added once for one Idempotency-Key', async () => {
    const as = admin();
    const request = { as, headers: { 'idempotency-key': 'z1' }, body: { storeId, name: 'Once', polygon: box(18, 10) } };
    const first = await t.http.post(ZONES, request);
    expect(await t.http.post(ZONES, request)).toMatchObject({ status: 201, body: first.body });
  });

  it('is public to read, page by page, and only an admin’s to change', async () => {
    const { id } = (await add({ polygon: box(19, 10) })).body;
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await t.http.get(`${ZONES}?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((zone: { id: string }) => zone.id));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toContain(id);
    const body = { name: 'X' };
    expect((await t.http.patch(`${ZONES}/${id}`, { body })).status).toBe(401);
    expect((await t.http.patch(`${ZONES}/${id}`, { as: t.actor('store_staff'), body })).status).toBe(403);
    expect((await t.http.delete(`${ZONES}/${id}`, { as: t.actor('customer') })).status).toBe(403);
    expect((await t.http.get(`${ZONES}?cursor=x`)).body.code).toBe('INVALID_CURSOR');
  });

  it('of another copy of the service is seen at the next check', async () => {
    const id = newId();
    const zones = t.get(ZoneRepository);
    await t.database.transaction(async () => {
      await zones.claim();
      await zones.insert({ id, storeId, name: 'Elsewhere', polygon: box(20, 10) });
      await zones.setCells(id, cellsOf(box(20, 10).coordinates[0]!));
    });
    expect(zoneAt(20.01, 10.01)).toBeUndefined();
    await t.get(AtlasService).refresh();
    expect(zoneAt(20.01, 10.01)).toBe(id);
  });

  it('is found while it moves, though its polygon and its cells are read one after the other', async () => {
    const { id } = (await add({ polygon: box(22, 10) })).body;
    const zones = t.get(ZoneRepository);
    const read = zones.cells.bind(zones);
    await t.database.transaction(() => zones.claim());
    const between = jest.spyOn(zones, 'cells').mockImplementationOnce(async () => {
      await t.database.transaction(async () => {
        await zones.claim();
        await zones.update(id, { polygon: box(22.5, 10) });
        await zones.setCells(id, cellsOf(box(22.5, 10).coordinates[0]!));
      });
      return read();
    });
    await t.get(AtlasService).refresh();
    expect(between).toHaveBeenCalledTimes(2);
    expect([zoneAt(22.01, 10.01), zoneAt(22.51, 10.01)]).toEqual([undefined, id]);
  });

  it('stays added when it cannot be read again at once', async () => {
    jest.spyOn(t.get(ZoneRepository), 'list').mockRejectedValueOnce(new Error('the database is gone'));
    const { status, body } = await add({ polygon: box(23, 10) });
    expect(status).toBe(201);
    await t.get(AtlasService).refresh();
    expect(zoneAt(23.01, 10.01)).toBe(body.id);
  });

  it('may be as large as a city with its suburbs', async () => {
    const { status, body } = await add({ polygon: box(21, 10, 0.5) });
    expect(status).toBe(201);
    expect(zoneAt(21.49, 10.49)).toBe(body.id);
    expect((await add({ polygon: box(21.4, 10.4) })).body.code).toBe('ZONE_OVERLAPS');
  });
});
