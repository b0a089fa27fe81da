import { seedId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { RiderRepository } from './rider.repository.js';
import { RiderSeed } from './rider.seed.js';

let t: Harness;
beforeEach(async () => {
  t = await domainHarness(DeliveryModule);
});
afterEach(() => t.close());

it('hires the demo riders, off duty, under the ids that the other domains know', async () => {
  await t.get(RiderSeed).seed();
  const riders = await t.get(RiderRepository).list({ limit: 100 });
  expect(riders).toHaveLength(12);
  expect(riders.find(({ id }) => id === seedId('rider:rider1@nakku.test'))).toMatchObject({
    userId: seedId('user:rider1@nakku.test'),
    storeId: seedId('store:koramangala'),
    name: 'Manjunath Gowda',
    vehicle: 'scooter',
    status: 'offline',
    lat: null,
  });
});

it('changes nothing the second time', async () => {
  await t.get(RiderSeed).seed();
  const before = await t.get(RiderRepository).list({ limit: 100 });
  await t.get(RiderSeed).seed();
  expect(await t.get(RiderRepository).list({ limit: 100 })).toEqual(before);
});
