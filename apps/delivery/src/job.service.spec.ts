import { InventoryApi, userDeleted } from '@nakku/contracts';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryRepository } from './delivery.repository.js';
import { JobRepository } from './job.repository.js';
import { JobService } from './job.service.js';
import { ProofService } from './proof.service.js';
import { RiderRepository } from './rider.repository.js';
import {
  cancelled,
  confirmed,
  offer,
  type OrderRef,
  packed,
  place,
  ride,
  stopClock,
  stores,
  underWay,
} from './town.fixture.js';

let t: Harness;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores)] });
});
afterEach(() => t.close());

const stage = async ({ orderId }: OrderRef) => (await t.get(DeliveryRepository).byOrder(orderId))!.stage;
const jobStatus = async (id: string) => (await t.get(JobRepository).byId(id))!.status;
const rider = (id: string) => t.get(RiderRepository).byId(id);

describe('cancelling an order', () => {
  it('that waits takes it out of the queue', async () => {
    const order = await place(t);
    await t.deliver(cancelled(order));
    await ride(t);
    expect([await offer(t, order), await stage(order)]).toEqual([null, 'cancelled']);
  });

  it('that is offered takes the offer back, and the rider gets the next one', async () => {
    const { id, actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    await t.deliver(cancelled(order));
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['cancelled', 'failed']);
    await expect(t.get(JobService).accept(actor, job.id)).rejects.toMatchObject({ code: 'OFFER_LAPSED' });
    expect(await offer(t, await place(t))).toMatchObject({ riderId: id });
  });

  it('that is accepted frees the rider', async () => {
    const { id, actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    await t.get(JobService).accept(actor, job.id);
    await t.deliver(packed(order));
    await t.deliver(cancelled(order));
    expect(await rider(id)).toMatchObject({ status: 'online', jobId: null });
    await expect(t.get(JobService).pickUp(actor, job.id)).rejects.toMatchObject({ code: 'JOB_NOT_ACCEPTED' });
    expect(await t.published('delivery.failed')).toEqual([]); // who cancelled knows it
  });

  it('that is on the road drops the job', async () => {
    const { rider: carrier, order, job, otp } = await underWay(t);
    await t.deliver(cancelled(order));
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['cancelled', 'failed']);
    expect(await rider(carrier.id)).toMatchObject({ status: 'online', jobId: null });
    await expect(t.get(ProofService).complete(carrier.actor, job.id, otp)).rejects.toMatchObject({
      code: 'JOB_NOT_PICKED_UP',
    });
  });

  it('that is delivered changes nothing', async () => {
    const { rider: carrier, order, job, otp } = await underWay(t);
    await t.get(ProofService).complete(carrier.actor, job.id, otp);
    await t.deliver(cancelled(order));
    await t.deliver(confirmed(order));
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['completed', 'completed']);
  });

  it('while its rider accepts leaves no rider with a job that is none', async () => {
    const { id, actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    await Promise.allSettled([t.get(JobService).accept(actor, job.id), t.deliver(cancelled(order))]);
    expect([await stage(order), await jobStatus(job.id)]).toEqual(['cancelled', 'failed']);
    expect(await rider(id)).toMatchObject({ status: 'online', jobId: null });
  });
});

describe('a rider whose account is deleted', () => {
  const leave = (userId: string) => t.deliver(userDeleted({ userId }));

  it('is forgotten and asked no more', async () => {
    const { id, actor } = await ride(t, { km: 1 });
    const order = await place(t);
    const job = (await offer(t, order))!;
    await leave(actor.id);
    expect(await rider(id)).toMatchObject({ name: 'Former rider', status: 'offline', lat: null, lng: null });
    expect(await jobStatus(job.id)).toBe('lapsed');
    expect(await offer(t, order)).toBeNull();
  });

  it('leaves what he had accepted to another one', async () => {
    const { actor } = await ride(t);
    const order = await place(t);
    await t.get(JobService).accept(actor, (await offer(t, order))!.id);
    await leave(actor.id);
    expect(await t.published('delivery.failed')).toMatchObject([
      { reason: 'RIDER_LEFT', final: false, pickedUp: false },
    ]);
    const { id } = await ride(t);
    expect(await offer(t, order)).toMatchObject({ riderId: id });
  });

  it('ends the delivery that he was on', async () => {
    const { rider: carrier, order } = await underWay(t);
    await leave(carrier.actor.id);
    expect(await t.published('delivery.failed')).toMatchObject([{ reason: 'RIDER_LEFT', final: true, pickedUp: true }]);
    expect([await stage(order), (await rider(carrier.id))?.status]).toEqual(['failed', 'offline']);
  });

  it('need not have been a rider', async () => {
    await leave(t.actor('customer').id);
    expect(await t.published()).toEqual([]);
  });
});
