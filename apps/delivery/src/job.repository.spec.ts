import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import type { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import { store } from './town.fixture.js';

let t: Harness;
let repository: JobRepository;
const riderId = newId();
beforeAll(async () => {
  t = await domainHarness(DeliveryModule);
  repository = t.get(JobRepository);
});
afterAll(() => t.close());

async function insert(given: Partial<Job>): Promise<Job> {
  const { name, lat, lng } = store;
  const offerExpiresAt = '2026-06-01T10:00:30.000Z';
  const row: Job = {
    ...{ id: newId(), orderId: newId(), riderId, storeId: store.id, pickup: { name, lat, lng } },
    ...{ status: 'offered', open: true, offerExpiresAt, endedAt: null, reason: null },
    ...given,
  };
  await t.database.transaction(() => repository.insert(row));
  return row;
}

it('lists an open job before newer ones that are over: the clocks of two copies of the service may differ', async () => {
  const open = await insert({});
  const over = await insert({ status: 'lapsed', open: false });
  const newest = await insert({ status: 'completed', open: false });
  await insert({ riderId: newId() });
  const ids = async (page: Parameters<JobRepository['list']>[1]) =>
    (await repository.list(riderId, page)).map(({ id }) => id);
  expect(await ids({ limit: 10 })).toEqual([open.id, newest.id, over.id]);
  expect(await ids({ limit: 10, after: open })).toEqual([newest.id, over.id]);
  expect(await ids({ limit: 10, after: newest })).toEqual([over.id]);
});

it('changes a job only from the status in which it was read', async () => {
  const job = await insert({ riderId: newId() });
  const move = () => t.database.transaction(() => repository.move(job, 'lapsed', 'REJECTED'));
  expect(await Promise.all([move(), move()])).toEqual([true, false]);
  expect(await repository.byId(job.id)).toMatchObject({
    status: 'lapsed',
    open: false,
    reason: 'REJECTED',
    endedAt: expect.any(String),
  });
  expect(await t.database.transaction(() => repository.drop(job.id, 'ORDER_CANCELLED'))).toBe(false);
});

it('finds the offers whose time is up, to the millisecond', async () => {
  const { id } = await insert({ riderId: newId(), offerExpiresAt: '2026-01-01T00:00:00.000Z' });
  expect(await repository.overdue('2025-12-31T23:59:59.999Z', 10)).toEqual([]);
  expect(await repository.overdue('2026-01-01T00:00:00.000Z', 10)).toMatchObject([{ id }]);
});
