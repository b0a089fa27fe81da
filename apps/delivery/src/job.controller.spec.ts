import { InventoryApi } from '@nakku/contracts';
import { Metrics } from '@nakku/observability';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryService } from './delivery.service.js';
import {
  address,
  offer,
  type OrderRef,
  packed,
  pass,
  place,
  ride,
  stopClock,
  store,
  stores,
  underWay,
} from './town.fixture.js';

let t: Harness;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores)] });
});
afterEach(() => t.close());

type Rider = Awaited<ReturnType<typeof ride>>;
const jobsOf = ({ actor }: Rider, query = '') => t.http.get(`/api/v1/delivery/jobs${query}`, { as: actor });
const act = ({ actor }: Rider, jobId: string, verb: string, body?: object) =>
  t.http.post(`/api/v1/delivery/jobs/${jobId}/${verb}`, { as: actor, body });
const stageOf = async ({ orderId, customerId }: OrderRef) =>
  (await t.http.get(`/api/v1/delivery/orders/${orderId}`, { as: t.actor('customer', { id: customerId }) })).body.stage;
const riderStatus = async (rider: Rider) =>
  (await t.http.get('/api/v1/delivery/riders', { as: t.actor('admin') })).body.items.find(
    (one: { id: string }) => one.id === rider.id,
  ).status;

async function offered() {
  const rider = await ride(t);
  const order = await place(t);
  const job = (await offer(t, order))!;
  return { rider, order, job };
}

describe('an order’s way to the door', () => {
  it('goes from the offer to the hand-over, and everybody is told', async () => {
    const { rider, order, job } = await offered();
    const { orderId, customerId, storeId } = order;
    const base = { orderId, customerId, storeId, jobId: job.id, riderId: rider.id };
    expect(await stageOf(order)).toBe('offered');

    expect(await act(rider, job.id, 'accept')).toMatchObject({ status: 200, body: { id: job.id, status: 'accepted' } });
    expect(await stageOf(order)).toBe('assigned');
    expect(await riderStatus(rider)).toBe('busy');
    expect(await t.published('delivery.assigned')).toEqual([
      { ...base, riderName: 'Asha Rao', etaAt: expect.any(String) },
    ]);

    await t.deliver(packed(order));
    expect(await act(rider, job.id, 'pickup')).toMatchObject({ status: 200, body: { status: 'picked_up' } });
    expect(await stageOf(order)).toBe('picked_up');
    expect(await t.published('delivery.started')).toEqual([
      { ...base, riderName: 'Asha Rao', etaAt: expect.any(String) },
    ]);

    pass(17 * 60_000);
    const { otp } = await t.get(DeliveryService).getOtp({ orderId });
    expect(await act(rider, job.id, 'complete', { otp })).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(await stageOf(order)).toBe('completed');
    expect(await riderStatus(rider)).toBe('online');
    expect(await t.published('delivery.completed')).toEqual([{ ...base, minutes: 17 }]);
  });

  it('is counted', async () => {
    await underWay(t);
    const text = await t.get(Metrics).render();
    for (const status of ['offered', 'accepted', 'picked_up'])
      expect(text).toContain(`nakku_delivery_jobs_total{status="${status}"} 1`);
  });
});

describe('an offer', () => {
  it('shows the area, and the whole address only to who has accepted it', async () => {
    const { rider, job } = await offered();
    const { items } = (await jobsOf(rider)).body;
    const { id, orderId, storeId, offerExpiresAt } = job;
    const pickup = { name: store.name, lat: store.lat, lng: store.lng };
    const drop = { city: 'Bengaluru', postalCode: '560034', lat: 12.94, lng: 77.62 };
    expect(items).toEqual([{ id, orderId, storeId, status: 'offered', offerExpiresAt, pickup, drop }]);
    expect((await act(rider, id, 'accept')).body.drop).toEqual(address);
  });

  it('cannot be accepted after its time, even before anybody has noticed', async () => {
    const { rider, job, order } = await offered();
    pass(30_000);
    expect(await act(rider, job.id, 'accept')).toMatchObject({ status: 409, body: { code: 'OFFER_LAPSED' } });
    expect(await stageOf(order)).toBe('offered');
    expect(await t.published('delivery.assigned')).toEqual([]);
  });

  it('is taken by one of two riders who race for it', async () => {
    const { rider: slow, order, job } = await offered();
    pass(30_000);
    const quick = await ride(t);
    const next = (await offer(t, order))!;
    const answers = await Promise.all([
      act(slow, job.id, 'accept'),
      act(quick, next.id, 'accept'),
      act(quick, next.id, 'accept'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await t.published('delivery.assigned')).toMatchObject([{ riderId: quick.id }]);
    expect(await riderStatus(slow)).toBe('online');
  });

  it('goes back to the queue when it is rejected, and cannot be accepted any more', async () => {
    const { rider, job, order } = await offered();
    const other = await ride(t, { km: 1 });
    expect(await act(rider, job.id, 'reject')).toMatchObject({ status: 200, body: { status: 'lapsed' } });
    expect(await stageOf(order)).toBe('waiting');
    expect(await act(rider, job.id, 'accept')).toMatchObject({ status: 409, body: { code: 'OFFER_LAPSED' } });
    expect(await act(rider, job.id, 'reject')).toMatchObject({ status: 409, body: { code: 'OFFER_LAPSED' } });
    expect(await offer(t, order)).toMatchObject({ riderId: other.id });
  });
});

describe('a job', () => {
  it('is nobody else’s', async () => {
    const { job, order } = await offered();
    const other = await ride(t);
    for (const verb of ['accept', 'reject', 'pickup'])
      expect(await act(other, job.id, verb)).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
    expect((await act(other, job.id, 'complete', { otp: '000000' })).status).toBe(404);
    expect((await act(other, job.id, 'fail', { reason: 'x' })).status).toBe(404);
    expect(await stageOf(order)).toBe('offered');
    expect((await jobsOf(other)).body.items).toEqual([]);
  });

  it('is for riders, and for those who have been hired', async () => {
    const { job } = await offered();
    const path = `/api/v1/delivery/jobs/${job.id}/accept`;
    expect((await t.http.post(path)).status).toBe(401);
    expect((await t.http.post(path, { as: t.actor('admin') })).status).toBe(403);
    expect(await t.http.post(path, { as: t.actor('rider') })).toMatchObject({
      status: 404,
      body: { code: 'RIDER_NOT_FOUND' },
    });
    expect((await t.http.get('/api/v1/delivery/jobs', { as: t.actor('rider') })).body.code).toBe('RIDER_NOT_FOUND');
  });

  it('is not picked up before the store has packed it, nor before it is accepted', async () => {
    const { rider, job, order } = await offered();
    expect(await act(rider, job.id, 'pickup')).toMatchObject({ status: 409, body: { code: 'JOB_NOT_ACCEPTED' } });
    await act(rider, job.id, 'accept');
    expect(await act(rider, job.id, 'pickup')).toMatchObject({ status: 409, body: { code: 'ORDER_NOT_PACKED' } });
    await t.deliver(packed(order));
    expect(
      (await Promise.all([act(rider, job.id, 'pickup'), act(rider, job.id, 'pickup')]))
        .map(({ status }) => status)
        .sort(),
    ).toEqual([200, 409]);
    expect(await t.published('delivery.started')).toHaveLength(1);
  });

  it('goes to another rider when it fails before the pickup, and never back to the first', async () => {
    const { rider, job, order } = await offered();
    await act(rider, job.id, 'accept');
    const reason = 'flat tyre';
    expect(await act(rider, job.id, 'fail', { reason })).toMatchObject({ status: 200, body: { status: 'failed' } });
    const { orderId, customerId, storeId } = order;
    const failed = {
      orderId,
      customerId,
      storeId,
      jobId: job.id,
      riderId: rider.id,
      reason,
      pickedUp: false,
      final: false,
    };
    expect(await t.published('delivery.failed')).toEqual([failed]);
    expect([await stageOf(order), await riderStatus(rider)]).toEqual(['waiting', 'online']);
    pass(600_000);
    expect(await offer(t, order)).toBeNull();
    const other = await ride(t, { km: 5 });
    expect(await offer(t, order)).toMatchObject({ riderId: other.id });
  });

  it('ends the delivery when it fails on the road', async () => {
    const { rider, job, order } = await underWay(t);
    expect((await act(rider, job.id, 'fail', { reason: 'accident' })).status).toBe(200);
    expect(await t.published('delivery.failed')).toMatchObject([{ final: true, pickedUp: true, reason: 'accident' }]);
    expect([await stageOf(order), await riderStatus(rider)]).toEqual(['failed', 'online']);
    expect(await act(rider, job.id, 'fail', { reason: 'again' })).toMatchObject({
      status: 409,
      body: { code: 'JOB_NOT_ACTIVE' },
    });
  });

  it('needs a reason to fail', async () => {
    const { rider, job } = await underWay(t);
    expect((await act(rider, job.id, 'fail', { reason: ' ' })).status).toBe(400);
    expect((await act(rider, job.id, 'fail', {})).status).toBe(400);
    expect((await act(rider, 'x', 'fail', { reason: 'x' })).status).toBe(400);
  });
});

it('lists what is open first, then the newest, page by page', async () => {
  const rider = await ride(t);
  const made: string[] = [];
  for (let n = 0; n < 4; n++) {
    const job = (await offer(t, await place(t)))!;
    made.push(job.id);
    if (n === 0) await act(rider, job.id, 'accept').then(() => act(rider, job.id, 'fail', { reason: 'x' }));
    else if (n < 3) await act(rider, job.id, 'reject');
    pass(1);
  }
  const first = await jobsOf(rider, '?limit=2');
  const second = await jobsOf(rider, `?limit=2&cursor=${first.body.nextCursor}`);
  const ids = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
  expect(ids).toEqual([made[3], made[2], made[1], made[0]]);
  expect(second.body.nextCursor).toBeNull();
  expect(await jobsOf(rider, '?cursor=nonsense')).toMatchObject({ status: 400, body: { code: 'INVALID_CURSOR' } });
  expect((await jobsOf(rider, '?limit=101')).status).toBe(400);
});
