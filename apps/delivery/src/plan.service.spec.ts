import { InventoryApi } from '@nakku/contracts';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryRepository } from './delivery.repository.js';
import { GiveUpService } from './giveup.service.js';
import { JobService } from './job.service.js';
import { cancelled, confirmed, offer, orderRef, packed, pass, place, ride, stopClock, stores } from './town.fixture.js';

let t: Harness;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, {
    fakes: [fake(InventoryApi, stores)],
    env: { DELIVERY_NO_RIDER_MS: '60000' },
  });
});
afterEach(() => t.close());
const delivery = (orderId: string) => t.get(DeliveryRepository).byOrder(orderId);

describe('a confirmed order', () => {
  it('gets one delivery, and tells that a rider is looked for', async () => {
    const order = await place(t);
    const { orderId, customerId, storeId } = order;
    expect(await delivery(orderId)).toMatchObject({ orderId, customerId, storeId, stage: 'waiting', packed: false });
    const [told, ...more] = await t.published('delivery.scheduled');
    expect(told).toEqual({ orderId, customerId, storeId, etaAt: '2026-06-01T10:20:00.000Z' }); // as promised: the store is not known yet
    expect(more).toEqual([]);
  });

  it('is expected by packing and riding time once the store is known', async () => {
    await ride(t);
    await offer(t, await place(t));
    await place(t);
    const [, second] = await t.published('delivery.scheduled');
    expect(second.etaAt > '2026-06-01T10:07:00.000Z' && second.etaAt < '2026-06-01T10:08:00.000Z').toBe(true);
  });

  it('has no second delivery, whether the event or the message comes twice', async () => {
    const order = orderRef();
    const envelope = await t.deliver(confirmed(order));
    await t.deliver(envelope);
    await t.deliver(confirmed(order));
    expect(await t.published('delivery.scheduled')).toHaveLength(1);
  });

  it('is packed from when the store says so, be it before the confirmation is heard', async () => {
    const order = orderRef();
    await t.deliver(packed(order));
    pass(1000);
    await t.deliver(confirmed(order));
    await t.deliver(packed(order));
    expect(await delivery(order.orderId)).toMatchObject({
      stage: 'waiting',
      packed: true,
      readyAt: '2026-06-01T10:00:00.000Z',
    });
    expect(await t.published('delivery.scheduled')).toHaveLength(1);
  });
});

describe('a cancelled order', () => {
  it('has no delivery when its cancellation is heard before its confirmation', async () => {
    const order = orderRef();
    const { actor } = await ride(t);
    await t.deliver(cancelled(order));
    await t.deliver(confirmed(order));
    await t.deliver(packed(order));
    expect(await offer(t, order)).toBeNull();
    expect(await t.published()).toEqual([]);
    const answer = await t.http.get(`/api/v1/delivery/orders/${order.orderId}`, {
      as: { ...actor, id: order.customerId },
    });
    expect(answer.status).toBe(404);
  });

  it('is forgotten once, however often it is told', async () => {
    const order = await place(t);
    const envelope = await t.deliver(cancelled(order));
    await t.deliver(envelope);
    await t.deliver(cancelled(order));
    expect(await delivery(order.orderId)).toMatchObject({ stage: 'cancelled' });
  });
});

describe('an order that nobody takes', () => {
  it('fails for good after its time, once', async () => {
    const order = await place(t);
    pass(59_000);
    await t.get(GiveUpService).giveUp();
    expect(await t.published('delivery.failed')).toEqual([]);
    pass(1000);
    await Promise.all([t.get(GiveUpService).giveUp(), t.get(GiveUpService).giveUp()]);
    const { orderId, customerId, storeId } = order;
    const failed = { orderId, customerId, storeId, reason: 'NO_RIDER', pickedUp: false, final: true };
    expect(await t.published('delivery.failed')).toEqual([failed]);
  });

  it('is not offered any more when its time is up', async () => {
    const order = await place(t);
    pass(60_000);
    await ride(t);
    expect(await offer(t, order)).toBeNull();
  });

  it('has its whole time again when its rider gives it up', async () => {
    const { actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    await t.get(JobService).accept(actor, job.id);
    pass(59_000);
    await t.get(JobService).fail(actor, job.id, 'flat tyre');
    pass(59_000);
    await t.get(GiveUpService).giveUp();
    expect(await delivery(order.orderId)).toMatchObject({ stage: 'waiting' });
    pass(1000);
    await t.get(GiveUpService).giveUp();
    expect(await delivery(order.orderId)).toMatchObject({ stage: 'failed' });
  });

  it('is not given up while a rider thinks about it', async () => {
    const order = await place(t);
    await ride(t);
    pass(59_000);
    expect(await offer(t, order)).toMatchObject({ status: 'offered' });
    pass(2000);
    await t.get(GiveUpService).giveUp();
    expect(await delivery(order.orderId)).toMatchObject({ stage: 'offered' });
  });
});
