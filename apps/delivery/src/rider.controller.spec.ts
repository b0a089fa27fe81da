import { InventoryApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { notFound, unavailable } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { JobService } from './job.service.js';
import { offer, pass, place, ride, stopClock, store, stores, underWay } from './town.fixture.js';

let t: Harness;
const granted: unknown[] = [];
let usersAreDown = false;
let active = true;
const stranger = newId();
const users = fake(UserApi, {
  getContact: async ({ userId }) => {
    if (userId === stranger) throw notFound('user');
    return { userId, email: 'asha@nakku.test', firstName: 'Asha', lastName: 'Rao', active };
  },
  grantRole: async (input) => {
    if (usersAreDown) throw unavailable('down');
    granted.push(input);
    return {};
  },
});
beforeEach(async () => {
  stopClock();
  granted.length = 0;
  usersAreDown = false;
  active = true;
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores), users] });
});
afterEach(() => t.close());

const RIDERS = '/api/v1/delivery/riders';
const hire = (given: object = {}, as = t.actor('admin')) =>
  t.http.post(RIDERS, { as, body: { userId: newId(), vehicle: 'ev', storeId: store.id, ...given } });
const list = (query = '') => t.http.get(`${RIDERS}${query}`, { as: t.actor('admin') });

describe('hiring', () => {
  it('makes a rider of a user, with the role', async () => {
    const userId = newId();
    const { status, body } = await hire({ userId });
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.any(String), userId, name: 'Asha Rao', status: 'offline' });
    expect(granted).toEqual([{ userId, role: 'rider', stores: [] }]);
    expect(
      (await t.http.patch(`${RIDERS}/me`, { as: t.actor('rider', { id: userId }), body: { status: 'online' } })).body
        .status,
    ).toBe('online');
  });

  it('makes one rider of one user', async () => {
    const userId = newId();
    const answers = await Promise.all([hire({ userId }), hire({ userId })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(await hire({ userId })).toMatchObject({ status: 409, body: { code: 'RIDER_EXISTS' } });
  });

  it('refuses users and stores that do not exist, and deleted accounts', async () => {
    expect(await hire({ storeId: newId() })).toMatchObject({ status: 404, body: { code: 'STORE_NOT_FOUND' } });
    expect(await hire({ userId: stranger })).toMatchObject({ status: 404, body: { code: 'USER_NOT_FOUND' } });
    active = false;
    expect(await hire()).toMatchObject({ status: 404, body: { code: 'USER_NOT_FOUND' } });
    expect((await list()).body.items).toEqual([]);
  });

  it('can be repeated when the role could not be granted', async () => {
    const userId = newId();
    usersAreDown = true;
    expect((await hire({ userId })).status).toBe(503);
    usersAreDown = false;
    expect((await hire({ userId })).status).toBe(201);
  });

  it('is for admins, and for known vehicles', async () => {
    expect((await hire({}, t.actor('rider'))).status).toBe(403);
    expect((await hire({ vehicle: 'horse' })).status).toBe(400);
    expect((await hire({ wage: 1 })).status).toBe(400);
  });
});

describe('the list of riders', () => {
  it('can be narrowed down to a store and a status, and comes in pages', async () => {
    const other = newId();
    for (const [storeId, online] of [
      [store.id, true],
      [store.id, false],
      [other, true],
      [store.id, true],
    ] as const)
      await ride(t, { storeId, online });
    expect((await list()).body.items).toHaveLength(4);
    expect((await list(`?storeId=${other}`)).body.items).toHaveLength(1);
    const first = (await list(`?storeId=${store.id}&status=online&limit=1`)).body;
    const second = (await list(`?storeId=${store.id}&status=online&limit=1&cursor=${first.nextCursor}`)).body;
    expect(second.nextCursor).toBeNull();
    expect(first.items[0].id < second.items[0].id).toBe(true);
    expect((await list('?status=asleep')).status).toBe(400);
  });
});

describe('a shift', () => {
  const be = (rider: { actor: Parameters<JobService['accept']>[0] }, status: string) =>
    t.http.patch(`${RIDERS}/me`, { as: rider.actor, body: { status } });

  it('begins and ends as the rider says, repeatedly', async () => {
    const rider = await ride(t, { online: false });
    for (const status of ['online', 'online', 'offline', 'offline'])
      expect(await be(rider, status)).toMatchObject({ status: 200, body: { id: rider.id, status } });
  });

  it('does not end while the rider has a job', async () => {
    const rider = await ride(t);
    const job = (await offer(t, await place(t)))!;
    await t.get(JobService).accept(rider.actor, job.id);
    expect(await be(rider, 'offline')).toMatchObject({ status: 409, body: { code: 'RIDER_HAS_JOB' } });
    expect(await be(rider, 'online')).toMatchObject({ status: 200, body: { status: 'busy' } });
    await t.get(JobService).fail(rider.actor, job.id, 'ill');
    expect((await be(rider, 'offline')).status).toBe(200);
  });

  it('is nobody’s who has not been hired, and no rider can make himself busy', async () => {
    expect(await be({ actor: t.actor('rider') }, 'online')).toMatchObject({
      status: 404,
      body: { code: 'RIDER_NOT_FOUND' },
    });
    expect((await be(await ride(t), 'busy')).status).toBe(400);
  });
});

describe('a rider’s position', () => {
  const at = { lat: 12.936, lng: 77.625 };
  const move = (actor: Parameters<JobService['accept']>[0], body: object = at) =>
    t.http.post(`${RIDERS}/me/position`, { as: actor, body });

  it('is kept, and told to nobody while he has no job', async () => {
    const { actor } = await ride(t);
    expect((await list()).body.items[0].position).toBeUndefined();
    expect(await move(actor)).toMatchObject({ status: 200, body: { status: 'online', position: at } });
    expect((await list()).body.items[0].position).toEqual(at);
    await offer(t, await place(t));
    await move(actor);
    expect(await t.published('delivery.position')).toEqual([]);
  });

  it('is told with a new ETA once he has accepted, every two seconds at most', async () => {
    const { actor, id } = await ride(t, { km: 4 });
    const { orderId, customerId, storeId } = await place(t);
    await t.get(JobService).accept(actor, (await offer(t, { orderId, customerId, storeId, number: '' }))!.id);
    await Promise.all([move(actor), move(actor)]);
    pass(1999);
    await move(actor);
    const [told, ...more] = await t.published('delivery.position');
    expect(told).toEqual({ orderId, customerId, storeId, riderId: id, ...at, etaAt: expect.any(String) });
    expect(more).toEqual([]);
    pass(1);
    await move(actor);
    expect(await t.published('delivery.position')).toHaveLength(2);
  });

  it('brings the ETA nearer on the road', async () => {
    const { rider, order } = await underWay(t);
    const eta = async () =>
      (await t.http.get(`/api/v1/delivery/orders/${order.orderId}`, { as: rider.actor })).body.etaAt;
    const before = await eta();
    await move(rider.actor, { lat: 12.9352, lng: 77.6245 });
    expect((await eta()) < before).toBe(true);
    expect((await t.published('delivery.position'))[0].etaAt).toBe(await eta());
  });

  it('is on earth, and somebody’s who has been hired', async () => {
    const { actor } = await ride(t);
    expect((await move(actor, { lat: 91, lng: 0 })).status).toBe(400);
    expect((await move(actor, { lat: 1 })).status).toBe(400);
    expect((await move(t.actor('rider'))).status).toBe(404);
  });
});
