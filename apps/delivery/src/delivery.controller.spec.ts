import { InventoryApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryService } from './delivery.service.js';
import { JobService } from './job.service.js';
import { PositionService } from './position.service.js';
import { ProofService } from './proof.service.js';
import { address, offer, packed, place, ride, stopClock, store, stores, underWay } from './town.fixture.js';

let t: Harness;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores)] });
});
afterEach(() => t.close());
const track = (orderId: string, as: Parameters<JobService['accept']>[0]) =>
  t.http.get(`/api/v1/delivery/orders/${orderId}`, { as });
const routeOf = (riderId: string, as: Parameters<JobService['accept']>[0]) =>
  t.http.get(`/api/v1/delivery/routes/${riderId}`, { as });
const here = { lat: 12.93, lng: 77.62 };

describe('tracking an order', () => {
  it('is for its customer, its rider, the staff of its store and admins', async () => {
    const { rider, order } = await underWay(t);
    const staff = t.actor('store_staff', { stores: [store.id] });
    for (const actor of [t.actor('customer', { id: order.customerId }), rider.actor, staff, t.actor('admin')])
      expect(await track(order.orderId, actor)).toMatchObject({ status: 200, body: { stage: 'picked_up' } });
    const others = [t.actor('customer'), t.actor('store_staff', { stores: [newId()] }), (await ride(t)).actor];
    for (const actor of others)
      expect(await track(order.orderId, actor)).toMatchObject({ status: 404, body: { code: 'DELIVERY_NOT_FOUND' } });
    expect((await t.http.get(`/api/v1/delivery/orders/${order.orderId}`)).status).toBe(401);
  });

  it('shows the rider once he has accepted, and where he is while he has the order', async () => {
    const { id, actor } = await ride(t);
    const { orderId, customerId } = await place(t);
    const customer = t.actor('customer', { id: customerId });
    expect((await track(orderId, customer)).body).toEqual({ orderId, stage: 'waiting', etaAt: expect.any(String) });
    const job = (await offer(t, { orderId, customerId, storeId: store.id, number: '' }))!;
    expect((await track(orderId, customer)).body.rider).toBeUndefined();
    await t.get(JobService).accept(actor, job.id);
    expect((await track(orderId, customer)).body.rider).toEqual({ id, name: 'Asha Rao' });
    await t.get(PositionService).moved(actor, here);
    expect((await track(orderId, customer)).body.rider).toEqual({ id, name: 'Asha Rao', position: here });
    await t.deliver(packed({ orderId, customerId, storeId: store.id, number: '' }));
    await t.get(JobService).pickUp(actor, job.id);
    const { otp = '' } = await t.get(DeliveryService).getOtp({ orderId });
    await t.get(ProofService).complete(actor, job.id, otp);
    expect((await track(orderId, customer)).body).toMatchObject({
      stage: 'completed',
      rider: { id, name: 'Asha Rao' },
    });
    expect((await track(orderId, customer)).body.rider.position).toBeUndefined();
  });

  it('finds no order that is not to be delivered yet', async () => {
    const customer = t.actor('customer');
    const order = { orderId: newId(), customerId: customer.id, storeId: store.id, number: '' };
    expect((await track(order.orderId, customer)).status).toBe(404);
    await t.deliver(packed(order));
    expect((await track(order.orderId, customer)).status).toBe(404);
  });
});

describe('the one-time password', () => {
  it('is told from the rider’s yes to the hand-over', async () => {
    const { actor } = await ride(t);
    const order = await place(t);
    const otp = () => t.get(DeliveryService).getOtp(order);
    expect(await otp()).toEqual({});
    const job = (await offer(t, order))!;
    expect(await otp()).toEqual({});
    await t.get(JobService).accept(actor, job.id);
    const { otp: code = '' } = await otp();
    expect(code).toMatch(/^\d{6}$/);
    await t.deliver(packed(order));
    await t.get(JobService).pickUp(actor, job.id);
    expect(await otp()).toEqual({ otp: code });
    await t.get(ProofService).complete(actor, job.id, code);
    expect(await otp()).toEqual({});
    expect(await t.get(DeliveryService).getOtp({ orderId: newId() })).toEqual({});
  });

  it('is in no event and in no view, whoever looks', async () => {
    const { rider, order, job, otp } = await underWay(t);
    await t.get(PositionService).moved(rider.actor, here);
    const staff = t.actor('store_staff', { stores: [store.id] });
    const seen: unknown[] = [await t.published()];
    for (const actor of [rider.actor, staff, t.actor('admin'), t.actor('customer', { id: order.customerId })])
      seen.push((await track(order.orderId, actor)).body);
    seen.push(
      (await t.http.get('/api/v1/delivery/jobs', { as: rider.actor })).body,
      (await routeOf(rider.id, rider.actor)).body,
    );
    seen.push(
      (await t.http.post(`/api/v1/delivery/jobs/${job.id}/complete`, { as: rider.actor, body: { otp: 'wrong' } })).body,
    );
    const text = JSON.stringify(seen);
    expect(text).toContain(order.orderId);
    expect(text).not.toMatch(new RegExp(`"otp|"${otp}"`));
  });
});

describe('a route', () => {
  it('goes by the store and then to the customer', async () => {
    const { id, actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    expect((await routeOf(id, actor)).body).toEqual({ riderId: id, stops: [] }); // an offer is no errand yet
    await t.get(JobService).accept(actor, job.id);
    const stop = { jobId: job.id, orderId: order.orderId };
    const drop = { type: 'drop', ...stop, lat: address.lat, lng: address.lng };
    expect((await routeOf(id, actor)).body.stops).toEqual([
      { type: 'pickup', ...stop, lat: store.lat, lng: store.lng },
      drop,
    ]);
    await t.deliver(packed(order));
    await t.get(JobService).pickUp(actor, job.id);
    expect((await routeOf(id, t.actor('admin'))).body.stops).toEqual([drop]);
  });

  it('is nobody else’s', async () => {
    const { id } = await ride(t);
    expect(await routeOf(id, (await ride(t)).actor)).toMatchObject({ status: 404, body: { code: 'RIDER_NOT_FOUND' } });
    expect((await routeOf(newId(), t.actor('admin'))).status).toBe(404);
    expect((await routeOf(id, t.actor('customer'))).status).toBe(403);
  });
});
