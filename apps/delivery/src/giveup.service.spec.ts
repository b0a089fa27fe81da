import { InventoryApi } from '@nakku/contracts';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryRepository } from './delivery.repository.js';
import { GiveUpService } from './giveup.service.js';
import { JobRepository } from './job.repository.js';
import { JobService } from './job.service.js';
import { ProofService } from './proof.service.js';
import { RiderRepository } from './rider.repository.js';
import { RiderService } from './rider.service.js';
import {
  crowd,
  indexesOf,
  offer,
  type OrderRef,
  packed,
  pass,
  place,
  ride,
  stopClock,
  stores,
  underWay,
} from './town.fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let t: Harness;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores)] });
});
afterEach(() => t.close());

const sweep = () => t.get(GiveUpService).takeAway();
const failures = () => t.published('delivery.failed');
const delivery = async ({ orderId }: OrderRef) => (await t.get(DeliveryRepository).byOrder(orderId))!;
const stage = async (order: OrderRef) => (await delivery(order)).stage;
const jobStatus = async (id: string) => (await t.get(JobRepository).byId(id))!.status;
const rider = (id: string) => t.get(RiderRepository).byId(id);

/** An order that a rider has accepted; not packed yet. */
async function accepted() {
  const { id, actor } = await ride(t);
  const order = await place(t);
  const job = (await offer(t, order))!;
  await t.get(JobService).accept(actor, job.id);
  return { id, actor, order, job };
}

describe('a rider who does not fetch a packed order', () => {
  it('loses it after 20 minutes, not before, and goes offline', async () => {
    const { id, order, job } = await accepted();
    await t.deliver(packed(order));
    pass(20 * MINUTE - 1);
    await sweep();
    expect([await failures(), await stage(order)]).toEqual([[], 'assigned']);
    pass(1);
    await sweep();
    const { orderId, customerId, storeId } = order;
    const what = { reason: 'RIDER_UNRESPONSIVE', pickedUp: false, final: false };
    expect(await failures()).toEqual([{ orderId, customerId, storeId, jobId: job.id, riderId: id, ...what }]);
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['waiting', 'failed']);
    expect(await rider(id)).toMatchObject({ status: 'offline', jobId: null });
  });

  it('has the 20 minutes from the packing when that came after his yes', async () => {
    const { order } = await accepted();
    pass(15 * MINUTE);
    await t.deliver(packed(order));
    pass(20 * MINUTE - 1);
    await sweep();
    expect(await stage(order)).toBe('assigned');
    pass(1);
    await sweep();
    expect(await stage(order)).toBe('waiting');
  });

  it('has the 20 minutes from his yes when the order was packed before', async () => {
    const order = await place(t);
    await t.deliver(packed(order));
    pass(15 * MINUTE);
    const { actor } = await ride(t);
    await t.get(JobService).accept(actor, (await offer(t, order))!.id);
    pass(20 * MINUTE - 1);
    await sweep();
    expect(await stage(order)).toBe('assigned');
    pass(1);
    await sweep();
    expect(await stage(order)).toBe('waiting');
  });

  it('is not to blame as long as the store packs', async () => {
    const { id, order } = await accepted();
    pass(5 * HOUR);
    await sweep();
    expect([await failures(), await stage(order)]).toEqual([[], 'assigned']);
    expect(await rider(id)).toMatchObject({ status: 'busy' });
  });

  it('loses it once though two copies of the service sweep', async () => {
    const { order } = await accepted();
    await t.deliver(packed(order));
    pass(20 * MINUTE);
    await Promise.all([sweep(), sweep()]);
    expect(await failures()).toHaveLength(1);
  });

  it('leaves it to another one, who has his whole time', async () => {
    const { id, actor, order, job } = await accepted();
    await t.deliver(packed(order));
    pass(20 * MINUTE);
    await sweep();
    await expect(t.get(JobService).pickUp(actor, job.id)).rejects.toMatchObject({ code: 'JOB_NOT_ACCEPTED' });
    await t.get(RiderService).change(actor, 'online');
    expect(await offer(t, order)).toBeNull(); // he is back, but had his chance
    const other = await ride(t, { km: 5 });
    const next = await offer(t, order);
    expect(next).toMatchObject({ riderId: other.id, status: 'offered' });
    await t.get(JobService).accept(other.actor, next!.id);
    pass(20 * MINUTE - 1);
    await sweep();
    expect(await failures()).toMatchObject([{ riderId: id }]);
    await t.get(JobService).pickUp(other.actor, next!.id);
    expect(await stage(order)).toBe('picked_up');
  });

  it('keeps it when he fetches it while the sweep comes', async () => {
    const { actor, order, job } = await accepted();
    await t.deliver(packed(order));
    pass(20 * MINUTE);
    const seen = await delivery(order);
    await t.get(JobService).pickUp(actor, job.id);
    await t.get(JobService).abandon(seen);
    expect([await failures(), await stage(order), await jobStatus(job.id)]).toEqual([[], 'picked_up', 'picked_up']);
  });
});

describe('a rider who does not arrive', () => {
  it('ends the delivery for good after 2 hours, not before, and goes offline', async () => {
    const { rider: carrier, order, job } = await underWay(t);
    pass(2 * HOUR - 1);
    await sweep();
    expect([await failures(), await stage(order)]).toEqual([[], 'picked_up']);
    pass(1);
    await sweep();
    const { orderId, customerId, storeId } = order;
    const what = { reason: 'RIDER_UNRESPONSIVE', pickedUp: true, final: true };
    expect(await failures()).toEqual([{ orderId, customerId, storeId, jobId: job.id, riderId: carrier.id, ...what }]);
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['failed', 'failed']);
    expect(await rider(carrier.id)).toMatchObject({ status: 'offline', jobId: null });
  });

  it('has the 2 hours from the pickup, however late that was', async () => {
    const { actor, order, job } = await accepted();
    pass(3 * HOUR);
    await t.deliver(packed(order));
    await t.get(JobService).pickUp(actor, job.id);
    pass(2 * HOUR - 1);
    await sweep();
    expect(await stage(order)).toBe('picked_up');
  });

  it('ends it once though two copies of the service sweep', async () => {
    await underWay(t);
    pass(2 * HOUR);
    await Promise.all([sweep(), sweep()]);
    expect(await failures()).toHaveLength(1);
  });

  it('is nobody whose order is handed over', async () => {
    const { rider: carrier, order, job, otp } = await underWay(t);
    await t.get(ProofService).complete(carrier.actor, job.id, otp);
    pass(24 * HOUR);
    await sweep();
    expect([await failures(), await stage(order)]).toEqual([[], 'completed']);
    expect(await rider(carrier.id)).toMatchObject({ status: 'online' });
  });
});

it('looks for late riders by one indexed query for the pickup and one for the ride', async () => {
  await crowd(t, 200, { stage: 'assigned', packed: true });
  await crowd(t, 200, { stage: 'picked_up' });
  const query = jest.spyOn(t.database.manager.queryRunner!, 'query');
  await sweep();
  const made = [...query.mock.calls];
  expect(made).toHaveLength(2);
  for (const call of made) expect(await indexesOf(t.database, call)).toEqual(['deliveries_give_up']);
});
