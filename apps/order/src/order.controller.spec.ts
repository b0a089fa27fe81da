import { CartApi, DeliveryApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { OrderModule } from './order.module.js';
import { OrderService } from './order.service.js';
import { tellsOf, TestTown } from './town.fixture.js';

type Actor = ReturnType<Harness['actor']>;
let t: Harness;
let town: TestTown;
let customer: Actor;
let stranger: Actor;
let staff: Actor;
let otherStaff: Actor;
let admin: Actor;

beforeAll(async () => {
  town = new TestTown();
  t = await domainHarness(OrderModule, {
    fakes: [
      fake(UserApi, town.users),
      fake(LocationApi, town.locations),
      fake(CartApi, town.cart),
      fake(DeliveryApi, town.deliveries),
    ],
  });
});
beforeEach(async () => {
  for (const table of ['orders', 'order_items', 'order_updates', 'outbox'])
    await t.database.manager.query(`DELETE FROM ${table}`);
  Object.assign(town, { calls: [], deliveryIsDown: false });
  [customer, stranger, admin] = [t.actor('customer'), t.actor('customer'), t.actor('admin')];
  staff = t.actor('store_staff', { stores: [town.storeId] });
  otherStaff = t.actor('store_staff', { roles: ['store_staff', 'customer'], stores: [newId()] });
});
afterAll(() => t.close());

type Stage = 'pending' | 'confirmed' | 'packed' | 'out_for_delivery' | 'delivered';

/** An order of the customer that has come this far. */
async function orderThatIs(stage: Stage, as = customer) {
  town.fill(as.id);
  const answer = await t.http.post('/api/v1/orders', {
    as,
    body: { addressId: town.addressId, paymentMethod: 'cod' },
    headers: { 'idempotency-key': newId() },
  });
  const id = answer.body.id as string;
  const tells = tellsOf(id, as.id, town.storeId);
  const steps: [Stage, () => Promise<unknown>][] = [
    ['pending', () => t.deliver(tells.reserved()).then(() => t.deliver(tells.paid()))],
    ['confirmed', () => pack(id)],
    ['packed', () => t.deliver(tells.started())],
    ['out_for_delivery', () => t.deliver(tells.completed())],
  ];
  for (const [from, step] of steps) {
    if (from === stage) break;
    await step();
  }
  return { id, tells };
}
const get = (path: string, as: Actor) => t.http.get(`/api/v1/orders${path}`, { as });
const pack = (id: string, as = staff, headers = {}) => t.http.post(`/api/v1/orders/${id}/pack`, { as, headers });
const cancel = (id: string, as: Actor, body: object | undefined = {}, headers = {}) =>
  t.http.post(`/api/v1/orders/${id}/cancel`, { as, body, headers });
const ids = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(({ id }) => id);

describe('an order', () => {
  it('is shown to its owner, the staff of its store and admins; to others it does not exist', async () => {
    const { id } = await orderThatIs('pending');
    for (const path of [`/${id}`, `/${id}/timeline`]) {
      for (const as of [customer, staff, admin]) expect((await get(path, as)).status).toBe(200);
      for (const as of [stranger, otherStaff, t.actor('rider')]) {
        expect(await get(path, as)).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_FOUND' } });
      }
    }
    expect(await get(`/${newId()}`, admin)).toMatchObject({ status: 404 });
    expect(await get('/nonsense', admin)).toMatchObject({ status: 400, body: { code: 'INVALID_ID' } });
    expect((await t.http.get(`/api/v1/orders/${id}`)).status).toBe(401);
  });

  it('is told to peers', async () => {
    const { id } = await orderThatIs('confirmed');
    const orders = t.get(OrderService);
    expect(await orders.get({ orderId: id })).toMatchObject({
      orderId: id,
      customerId: customer.id,
      status: 'confirmed',
      total: 19_825,
    });
    await expect(orders.get({ orderId: newId() })).rejects.toThrow('ORDER_NOT_FOUND');
  });
});

describe('the rider’s password', () => {
  it('is told to the owner alone, from when there is a rider until the end', async () => {
    const { id, tells } = await orderThatIs('confirmed');
    const otp = async (as: Actor) => (await get(`/${id}`, as)).body.deliveryOtp as string | undefined;
    expect(await otp(customer)).toBeUndefined();
    expect(town.calls).not.toContain('getOtp');
    await t.deliver(tells.assigned());
    expect(await otp(customer)).toBe(town.otp);
    expect([await otp(staff), await otp(admin)]).toEqual([undefined, undefined]);
    await pack(id);
    await t.deliver(tells.started());
    expect(await otp(customer)).toBe(town.otp);
    await t.deliver(tells.completed());
    expect(await otp(customer)).toBeUndefined();
  });

  it('is left out while delivery is down, and after a rider gave up', async () => {
    const { id, tells } = await orderThatIs('confirmed');
    await t.deliver(tells.assigned());
    town.deliveryIsDown = true;
    const answer = await get(`/${id}`, customer);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('deliveryOtp');
    town.deliveryIsDown = false;
    await t.deliver(tells.failed({ pickedUp: false, final: false }));
    expect((await get(`/${id}`, customer)).body).not.toHaveProperty('deliveryOtp');
  });
});

describe('the list of orders', () => {
  it('has one’s own for a customer, the store’s for its staff, all for an admin', async () => {
    const { id: mine } = await orderThatIs('pending');
    const { id: theirs } = await orderThatIs('pending', stranger);
    expect(ids(await get('', customer))).toEqual([mine]);
    expect(ids(await get('', staff)).sort()).toEqual([mine, theirs].sort());
    expect(ids(await get('', admin)).sort()).toEqual([mine, theirs].sort());
    for (const as of [otherStaff, t.actor('store_staff'), t.actor('rider')]) expect(ids(await get('', as))).toEqual([]);
  });

  it('comes newest first in pages, each order with its lines', async () => {
    const placed: string[] = [];
    for (let i = 0; i < 5; i++) placed.unshift((await orderThatIs('pending')).id);
    const first = await get('?limit=2', customer);
    const second = await get(`?limit=2&cursor=${first.body.nextCursor}`, customer);
    const third = await get(`?limit=2&cursor=${second.body.nextCursor}`, customer);
    expect([first, second, third].flatMap(ids)).toEqual(placed);
    expect(third.body.nextCursor).toBeNull();
    expect(first.body.items.map(({ items }: { items: { name: string }[] }) => items.map(({ name }) => name))).toEqual([
      ['Milk', 'Bread'],
      ['Milk', 'Bread'],
    ]);
  });

  it('does not lose orders that were placed in the same millisecond', async () => {
    for (let i = 0; i < 3; i++) await orderThatIs('pending');
    await t.database.manager.query("UPDATE orders SET placed_at = '2026-01-01T00:00:00.000Z'");
    const seen: string[] = [];
    for (let cursor = ''; cursor !== 'null';) {
      const answer = await get(`?limit=1${cursor && `&cursor=${cursor}`}`, customer);
      seen.push(...ids(answer));
      cursor = String(answer.body.nextCursor);
    }
    expect(new Set(seen).size).toBe(3);
  });

  it('is narrowed by status and time', async () => {
    const { id: pending } = await orderThatIs('pending');
    const { id: confirmed } = await orderThatIs('confirmed');
    await t.database.manager.query("UPDATE orders SET placed_at = '2026-01-01T10:00:00.000Z' WHERE id = ?", [pending]);
    expect(ids(await get('?status=confirmed', customer))).toEqual([confirmed]);
    expect(ids(await get('?from=2026-01-01&to=2026-01-02', customer))).toEqual([pending]);
    expect(ids(await get('?from=2026-01-01T15:30:00%2B05:30&to=2026-01-01T10:00:00.001Z', customer))).toEqual([
      pending,
    ]);
    expect(ids(await get('?to=2026-01-01T10:00:00Z', customer))).toEqual([]);
  });

  it.each(['limit=0', 'limit=101', 'status=lost', 'from=yesterday', 'page=2', 'cursor=bm9uc2Vuc2U'])(
    'refuses ?%s',
    async (query) => {
      expect((await get(`?${query}`, customer)).status).toBe(400);
    },
  );
});

describe('the queue of a store', () => {
  it('has the confirmed orders, oldest first, in pages', async () => {
    const { id: first } = await orderThatIs('confirmed');
    await orderThatIs('pending');
    const { id: second } = await orderThatIs('confirmed');
    await orderThatIs('packed');
    const page = await get(`/store/${town.storeId}/queue?limit=1`, staff);
    expect(ids(page)).toEqual([first]);
    expect(page.body.items[0].items).toHaveLength(2);
    expect(ids(await get(`/store/${town.storeId}/queue?limit=1&cursor=${page.body.nextCursor}`, staff))).toEqual([
      second,
    ]);
    expect(ids(await get(`/store/${town.storeId}/queue`, admin))).toEqual([first, second]);
  });

  it('is for the staff of that store', async () => {
    expect((await get(`/store/${town.storeId}/queue`, otherStaff)).status).toBe(404);
    expect((await get(`/store/${town.storeId}/queue`, customer)).status).toBe(403);
  });
});

describe('packing', () => {
  it('takes a confirmed order, once', async () => {
    const { id } = await orderThatIs('confirmed');
    expect(await pack(id)).toMatchObject({ status: 200, body: { id, status: 'packed' } });
    expect(await pack(id)).toMatchObject({ status: 409, body: { code: 'ORDER_NOT_PACKABLE' } });
    expect(await t.published('order.packed')).toMatchObject([{ orderId: id, storeId: town.storeId }]);
  });

  it('gives the stored answer to the same Idempotency-Key', async () => {
    const { id } = await orderThatIs('confirmed');
    const key = { 'idempotency-key': 'pack' };
    const first = await pack(id, staff, key);
    expect(await pack(id, staff, key)).toMatchObject({ status: 200, body: first.body });
  });

  it('is for the staff of its store and admins', async () => {
    const { id } = await orderThatIs('confirmed');
    expect((await pack(id, customer)).status).toBe(403);
    expect((await pack(id, otherStaff)).status).toBe(404);
    expect((await pack((await orderThatIs('confirmed', otherStaff)).id, otherStaff)).status).toBe(404);
    expect((await pack(id, admin)).status).toBe(200);
  });

  it('refuses an order that is not paid', async () => {
    expect((await pack((await orderThatIs('pending')).id)).status).toBe(409);
  });
});

describe('cancelling', () => {
  const may: [Stage, boolean, boolean][] = [
    ['pending', true, true],
    ['confirmed', true, true],
    ['packed', false, true],
    ['out_for_delivery', false, false],
    ['delivered', false, false],
  ];
  it.each(may)(
    'an order that is %s is possible for its customer: %s, for the store: %s',
    async (stage, forCustomer, forStore) => {
      const own = await cancel((await orderThatIs(stage)).id, customer, { reason: 'changed my mind' });
      expect([own.status, own.body.code ?? own.body.cancelReason]).toEqual(
        forCustomer ? [200, 'CUSTOMER'] : [409, 'ORDER_NOT_CANCELLABLE'],
      );
      for (const as of [staff, admin]) {
        const store = await cancel((await orderThatIs(stage)).id, as);
        expect([store.status, store.body.code ?? store.body.cancelReason]).toEqual(
          forStore ? [200, 'STORE'] : [409, 'ORDER_NOT_CANCELLABLE'],
        );
      }
    },
  );

  it('tells the state it was in, and puts the reason into the timeline', async () => {
    const { id } = await orderThatIs('packed');
    await cancel(id, staff, { reason: 'the freezer broke' });
    expect(await t.published('order.cancelled')).toMatchObject([
      { orderId: id, reason: 'STORE', previousStatus: 'packed' },
    ]);
    const { items } = (await get(`/${id}/timeline`, customer)).body;
    expect(items.at(-1)).toMatchObject({
      status: 'cancelled',
      actor: 'store',
      detail: { reason: 'STORE', text: 'the freezer broke' },
    });
  });

  it('happens once', async () => {
    const { id } = await orderThatIs('confirmed');
    await cancel(id, customer);
    expect(await cancel(id, customer)).toMatchObject({ status: 409, body: { code: 'ORDER_NOT_CANCELLABLE' } });
    expect(await t.published('order.cancelled')).toHaveLength(1);
  });

  it('needs no body, and honours an Idempotency-Key', async () => {
    const { id } = await orderThatIs('confirmed');
    const send = () =>
      t.http.post(`/api/v1/orders/${id}/cancel`, { as: customer, headers: { 'idempotency-key': 'c' } });
    expect(await send()).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await send()).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } });
  });

  it('is for those who may see the order', async () => {
    const { id } = await orderThatIs('pending');
    for (const as of [stranger, otherStaff, t.actor('rider')]) expect((await cancel(id, as)).status).toBe(404);
    expect((await cancel(id, customer, { why: 'x' })).status).toBe(400);
  });
});
