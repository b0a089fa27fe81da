import { InventoryApi } from '@nakku/contracts';
import { seedId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { AtlasService } from './atlas.service.js';
import { GazetteerService } from './gazetteer.service.js';
import { LocationModule } from './location.module.js';
import { LocationSeed } from './location.seed.js';
import { Place } from './place.entity.js';
import { box, TestStores } from './zone.fixture.js';
import { ZoneRepository } from './zone.repository.js';

const ZONES = '/api/v1/location/zones';
const stores = new TestStores();
const storeId = stores.add();
let copies: Harness[];
beforeEach(async () => {
  const fakes = [fake(InventoryApi, stores.api)];
  const first = await domainHarness(LocationModule, { fakes });
  copies = [first, await domainHarness(LocationModule, { fakes, beside: first })];
});
afterEach(async () => {
  for (const copy of copies.toReversed()) await copy.close();
});

const either = (n: number): Harness => copies[n % copies.length]!;
const add = (copy: Harness, lng: number) =>
  copy.http.post(ZONES, { as: copy.actor('admin'), body: { storeId, name: 'Zone', polygon: box(lng, 10) } });
const zonesAt = (lng: number) => copies.map((copy) => copy.get(AtlasService).current().at({ lng, lat: 10.01 })?.id);
const look = () => Promise.all(copies.map((copy) => copy.get(AtlasService).refresh()));

describe('zones that two copies of the service change at once', () => {
  it('do not overlap', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => add(either(n), 15 + n / 1000)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422, 422, 422]);
    await look();
    const { id } = answers.find(({ status }) => status === 201)!.body;
    expect(zonesAt(15.01)).toEqual([id, id]);
  });

  it('do not overlap when two are moved to the same place', async () => {
    const ids = [(await add(either(0), 16)).body.id, (await add(either(1), 17)).body.id];
    const moved = await Promise.all(
      ids.map((id, n) =>
        either(n).http.patch(`${ZONES}/${id}`, { as: either(n).actor('admin'), body: { polygon: box(18, 10) } }),
      ),
    );
    expect(moved.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('are deleted once, and every copy knows at its next look', async () => {
    const { id } = (await add(either(0), 19)).body;
    await look();
    expect(zonesAt(19.01)).toEqual([id, id]);
    const remove = (copy: Harness) => copy.http.delete(`${ZONES}/${id}`, { as: copy.actor('admin') });
    const answers = await Promise.all([0, 1, 2, 3].map((n) => remove(either(n))));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404]);
    await look();
    expect(zonesAt(19.01)).toEqual([undefined, undefined]);
  });
});

it('loads the demo city once when two copies start on an empty database', async () => {
  await Promise.all(copies.map((copy) => copy.get(LocationSeed).seed()));
  expect(await either(0).get(ZoneRepository).list()).toHaveLength(3);
  const places = await either(0).database.manager.count(Place);
  expect(places).toBeGreaterThan(100);
  await look();
  const found = copies.map((copy) => copy.get(AtlasService).current().at({ lat: 12.9352, lng: 77.6245 })?.id);
  expect(found).toEqual([seedId('zone:koramangala'), seedId('zone:koramangala')]);
  for (const copy of copies)
    expect(copy.get(GazetteerService).current().search('koramangala', 5).length).toBeGreaterThan(0);
});
