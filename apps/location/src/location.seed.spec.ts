import { seedId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { LocationModule } from './location.module.js';
import { LocationSeed } from './location.seed.js';
import { overlap } from './overlap.js';
import { Place } from './place.entity.js';
import { problemOf } from './polygon.js';
import { ZoneRepository } from './zone.repository.js';

let t: Harness;
beforeAll(async () => {
  t = await domainHarness(LocationModule);
  await t.get(LocationSeed).seed();
});
afterAll(() => t.close());

describe('the demo city', () => {
  it('has a zone for every store, and they do not overlap', async () => {
    const zones = await t.get(ZoneRepository).list();
    expect(zones.map(({ storeId }) => storeId).sort()).toEqual(
      ['koramangala', 'indiranagar', 'hsr-layout'].map((code) => seedId(`store:${code}`)).sort(),
    );
    for (const a of zones) {
      expect(problemOf(a.polygon)).toBeUndefined();
      for (const b of zones)
        if (a !== b) expect(overlap(a.polygon.coordinates[0]!, b.polygon.coordinates[0]!)).toBe(false);
    }
  });

  it('is silent, and changes nothing the second time', async () => {
    const before = [await t.get(ZoneRepository).list(), await t.get(ZoneRepository).cells()];
    const places = await t.database.manager.count(Place);
    await t.get(LocationSeed).seed();
    expect([await t.get(ZoneRepository).list(), await t.get(ZoneRepository).cells()]).toEqual(before);
    expect(await t.database.manager.count(Place)).toBe(places);
    expect(places).toBeGreaterThan(100);
    expect(await t.published()).toEqual([]);
  });
});
