import { InventoryApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { unavailable } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DispatchRepository } from './dispatch.repository.js';
import { DispatchService } from './dispatch.service.js';
import { Job } from './job.entity.js';
import { JobService } from './job.service.js';
import { OfferService } from './offer.service.js';
import { RiderRepository } from './rider.repository.js';
import { RiderService } from './rider.service.js';
import { crowd, indexesOf, offer, packed, pass, place, ride, stopClock, store, stores } from './town.fixture.js';

let t: Harness;
let inventoryIsDown = false;
const getStore = async (input: { storeId: string }) => {
  if (inventoryIsDown) throw unavailable('down');
  return stores.getStore(input);
};
beforeEach(async () => {
  stopClock();
  inventoryIsDown = false;
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, { getStore })] });
});
afterEach(() => t.close());
const dispatch = () => t.get(DispatchService).dispatch();
const jobs = () => t.database.manager.find(Job, { order: { id: 'ASC' } });

describe('an offer', () => {
  it('goes to the nearest rider of the store who is online', async () => {
    await ride(t, { km: 2 });
    const near = await ride(t, { km: 1 });
    await ride(t, { online: false });
    await ride(t, { storeId: newId() });
    expect(await offer(t, await place(t))).toMatchObject({
      riderId: near.id,
      status: 'offered',
      offerExpiresAt: '2026-06-01T10:00:30.000Z',
    });
  });

  it('lapses after 30 seconds and goes on to the next rider', async () => {
    const near = await ride(t, { km: 1 });
    const far = await ride(t, { km: 2 });
    const order = await place(t);
    const first = await offer(t, order);
    pass(29_999);
    expect(await offer(t, order)).toMatchObject({ id: first!.id, riderId: near.id });
    pass(1);
    expect(await offer(t, order)).toMatchObject({ riderId: far.id, status: 'offered' });
    expect((await jobs())[0]).toMatchObject({ status: 'lapsed', open: false, reason: 'NO_ANSWER' });
  });

  it('is made to the same riders again, after a pause, when all have refused', async () => {
    const one = await ride(t, { km: 1 });
    const two = await ride(t, { km: 2 });
    const order = await place(t);
    for (const { actor } of [one, two]) await t.get(JobService).reject(actor, (await offer(t, order))!.id);
    expect(await offer(t, order)).toBeNull();
    pass(9999);
    expect(await offer(t, order)).toBeNull();
    pass(1);
    expect(await offer(t, order)).toMatchObject({ riderId: one.id });
  });

  it('does not wait for the pause when somebody new comes online', async () => {
    const { actor } = await ride(t);
    const order = await place(t);
    await t.get(JobService).reject(actor, (await offer(t, order))!.id);
    expect(await offer(t, order)).toBeNull();
    const { id } = await ride(t);
    expect(await offer(t, order)).toMatchObject({ riderId: id });
  });

  it('leaves an order that is refused behind, and asks for the next one', async () => {
    const { id, actor } = await ride(t);
    const refused = await place(t);
    pass(1);
    const next = await place(t);
    await t.get(JobService).reject(actor, (await offer(t, refused))!.id);
    expect(await offer(t, next)).toMatchObject({ riderId: id });
  });

  it('is not even considered while its order pauses', async () => {
    const { actor } = await ride(t);
    const paused = await place(t);
    await t.get(JobService).reject(actor, (await offer(t, paused))!.id);
    pass(1);
    const second = await place(t);
    await t.get(JobService).reject(actor, (await offer(t, second))!.id);
    const waiting = jest.spyOn(t.get(DispatchRepository), 'waitingOrders');
    await offer(t, await place(t));
    const read = await Promise.all(waiting.mock.results.map(({ value }) => value as Promise<string[]>));
    expect(read.flat()).toContain(second.orderId);
    expect(read.flat()).not.toContain(paused.orderId);
  });

  it('is made later when inventory cannot say where the store is', async () => {
    await ride(t);
    const order = await place(t);
    inventoryIsDown = true;
    expect(await offer(t, order)).toBeNull();
    inventoryIsDown = false;
    expect(await offer(t, order)).toMatchObject({ status: 'offered' });
  });

  it('is still made when inventory goes down and the store was known', async () => {
    await ride(t);
    await offer(t, await place(t));
    pass(3_600_000);
    inventoryIsDown = true;
    await ride(t);
    expect(await offer(t, await place(t))).toMatchObject({ pickup: { name: store.name } });
  });
});

describe('dispatching', () => {
  it('gives one rider one order at a time, the oldest first', async () => {
    const { id, actor } = await ride(t);
    const first = await place(t);
    pass(1);
    const second = await place(t);
    const job = await offer(t, first);
    expect(await offer(t, second)).toBeNull();
    await t.get(JobService).accept(actor, job!.id);
    expect(await offer(t, second)).toBeNull();
    await t.deliver(packed(first));
    await t.get(JobService).pickUp(actor, job!.id);
    await t.get(JobService).fail(actor, job!.id, 'flat tyre');
    expect(await offer(t, second)).toMatchObject({ riderId: id });
  });

  it('gives nothing twice when it runs many times at once', async () => {
    for (let n = 0; n < 8; n++) await ride(t, { km: n });
    for (let n = 0; n < 12; n++) await place(t);
    await Promise.all(Array.from({ length: 5 }, dispatch));
    const made = await jobs();
    expect(made).toHaveLength(8);
    expect(new Set(made.map(({ orderId }) => orderId)).size).toBe(8);
    expect(new Set(made.map(({ riderId }) => riderId)).size).toBe(8);
  });

  it('does not act on a plan that another copy of the service has overtaken', async () => {
    const [one, two] = [await ride(t), await ride(t)];
    const [first, second] = [await place(t), await place(t)];
    const apply = (orderId: string, riderId: string) =>
      t.get(OfferService).apply(store.id, store, { offers: [{ orderId, riderId }], refused: [] });
    expect(await apply(first.orderId, one.id)).toBe(1);
    expect(await apply(first.orderId, two.id)).toBe(0); // the order is taken
    expect(await apply(second.orderId, one.id)).toBe(0); // the rider is taken
    expect(await t.get(RiderRepository).byId(two.id)).toMatchObject({ jobId: null, status: 'online' });
    expect(await apply(second.orderId, two.id)).toBe(1);
  });

  it('lapses an offer once though two copies of the service sweep', async () => {
    await ride(t);
    const order = await place(t);
    await offer(t, order);
    pass(30_000);
    await Promise.all([t.get(OfferService).lapse(), t.get(OfferService).lapse(), dispatch()]);
    expect((await jobs()).map(({ status }) => status)).toEqual(['lapsed']);
  });

  it('is waked by an order, a rider, and a refusal', async () => {
    const look = jest.spyOn(t.get(DispatchRepository), 'storesToServe');
    const waked = async () => {
      look.mockClear();
      await t.get(DispatchService).look();
      return look.mock.calls.length === 1;
    };
    expect(await waked()).toBe(false);
    const order = await place(t);
    expect(await waked()).toBe(true);
    expect(await waked()).toBe(false);
    const { actor } = await ride(t);
    expect(await waked()).toBe(true);
    const job = await offer(t, order);
    await t.get(JobService).reject(actor, job!.id);
    expect(await waked()).toBe(true);
  });

  it('takes a rider who goes offline out, and his offer to the next one', async () => {
    const { actor } = await ride(t, { km: 1 });
    const other = await ride(t, { km: 2 });
    const order = await place(t);
    await offer(t, order);
    expect(await t.get(RiderService).change(actor, 'offline')).toMatchObject({ status: 'offline' });
    expect(await offer(t, order)).toMatchObject({ riderId: other.id });
  });
});

describe('ten thousand waiting orders', () => {
  beforeEach(() => crowd(t, 10_000));

  it('cost one indexed query a round as long as no rider is online', async () => {
    await ride(t, { online: false });
    const query = jest.spyOn(t.database.manager.queryRunner!, 'query');
    await dispatch();
    expect(query).toHaveBeenCalledTimes(1);
    const indexes = await indexesOf(t.database, query.mock.calls[0]!);
    expect(indexes.sort()).toEqual(['deliveries_queue', 'riders_free']);
  });

  it('are not all read for the sake of one rider', async () => {
    await ride(t);
    const waiting = jest.spyOn(t.get(DispatchRepository), 'waitingOrders');
    await dispatch();
    const read = await Promise.all(waiting.mock.results.map(({ value }) => value as Promise<string[]>));
    expect(read.flat().length).toBeLessThan(50);
    expect(await jobs()).toHaveLength(1);
  });
});
