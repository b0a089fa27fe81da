import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { OrderModule } from './order.module.js';
import { OrderRepository } from './order.repository.js';
import { SagaService } from './saga.service.js';
import { tellsOf, TestTown } from './town.fixture.js';

let t: Harness;
let town: TestTown;
let customer: ReturnType<Harness['actor']>;
let staff: ReturnType<Harness['actor']>;

beforeAll(async () => {
  town = new TestTown();
  t = await domainHarness(OrderModule, {
    fakes: [fake(UserApi, town.users), fake(LocationApi, town.locations), fake(CartApi, town.cart)],
  });
});
beforeEach(async () => {
  for (const table of ['orders', 'order_items', 'order_updates', 'outbox'])
    await t.database.manager.query(`DELETE FROM ${table}`);
  customer = t.actor('customer');
  staff = t.actor('store_staff', { stores: [town.storeId] });
});
afterAll(() => t.close());

async function place(body: object = {}) {
  town.fill(customer.id);
  const headers = { 'idempotency-key': newId() };
  const answer = await t.http.post('/api/v1/orders', {
    as: customer,
    body: { addressId: town.addressId, paymentMethod: 'cod', ...body },
    headers,
  });
  const id = answer.body.id as string;
  return { id, tells: tellsOf(id, customer.id, town.storeId) };
}
const show = async (id: string) => (await t.http.get(`/api/v1/orders/${id}`, { as: staff })).body;
const pack = (id: string) => t.http.post(`/api/v1/orders/${id}/pack`, { as: staff });
const types = async () => (await t.published()).map(({ type }) => type as string);
const timeline = async (id: string): Promise<{ event: string; status: string; actor: string; detail?: object }[]> =>
  (await t.http.get(`/api/v1/orders/${id}/timeline`, { as: customer })).body.items;

describe('an order from beginning to end', () => {
  it('asks for the money when the stock is reserved, and does not keep the token', async () => {
    const { id, tells } = await place({ paymentMethod: 'card', paymentToken: 'tok_ok', tip: 175 });
    await t.deliver(tells.reserved());
    expect(await t.published('order.payment_requested')).toEqual([
      { orderId: id, customerId: customer.id, amount: 20_000, currency: 'INR', method: 'card', paymentToken: 'tok_ok' },
    ]);
    const [row] = await t.database.manager.query<{ payment_token: unknown }[]>('SELECT payment_token FROM orders');
    expect(row?.payment_token).toBeNull();
    expect(await show(id)).toMatchObject({ status: 'pending' });
  });

  it('is told in full when it is confirmed, with a promise counted from then', async () => {
    const { id, tells } = await place({ note: 'no bag' });
    await t.deliver(tells.reserved());
    await t.deliver(tells.paid());
    const order = await show(id);
    expect(order).toMatchObject({ status: 'confirmed', paymentId: tells.paymentId });
    expect(Date.parse(order.promisedAt) - Date.parse(order.updatedAt)).toBe(20 * 60_000);
    const { number, storeId, total, address, promisedAt } = order;
    expect(await t.published('order.confirmed')).toMatchObject([
      {
        orderId: id,
        number,
        customerId: customer.id,
        storeId,
        total,
        address,
        promisedAt,
        paymentId: tells.paymentId,
        note: 'no bag',
        items: [{ name: 'Milk' }, { name: 'Bread' }],
      },
    ]);
  });

  it('is packed, carried and delivered, each told once', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.reserved());
    await t.deliver(tells.paid());
    await t.deliver(tells.assigned());
    await pack(id);
    await t.deliver(tells.started());
    expect(await show(id)).toMatchObject({ status: 'out_for_delivery' });
    await t.deliver(tells.moved(12.9));
    await t.deliver(tells.completed());
    await t.deliver(tells.paid('captured'));
    expect(await show(id)).toMatchObject({ status: 'delivered' });
    expect(await types()).toEqual([
      'order.created',
      'order.payment_requested',
      'order.confirmed',
      'order.packed',
      'order.completed',
    ]);
    expect(await t.published('order.completed')).toMatchObject([
      { orderId: id, status: 'delivered', total: 19_825, paymentMethod: 'cod' },
    ]);
    expect((await timeline(id)).map(({ event, status, actor }) => `${event} ${status} ${actor}`)).toEqual([
      'order.created pending customer',
      'order.payment_requested pending system',
      'order.confirmed confirmed system',
      'delivery.assigned confirmed rider',
      'order.packed packed store',
      'delivery.started out_for_delivery rider',
      'order.completed delivered rider',
    ]);
  });

  it('is counted while it lives, and its confirmation is timed', async () => {
    const confirmed = async () =>
      Number(/nakku_order_confirm_seconds_count (\d+)/.exec(await t.get(Metrics).render())?.[1]);
    const before = await confirmed();
    const [, second] = [await place(), await place()];
    await t.deliver(second.tells.paid());
    await t.get(SagaService).measure();
    const text = await t.get(Metrics).render();
    expect(text).toContain('nakku_saga_orders{status="pending"} 1');
    expect(text).toContain('nakku_saga_orders{status="confirmed"} 1');
    expect(text).toContain('nakku_saga_orders{status="packed"} 0');
    expect(text).toMatch(/nakku_saga_oldest_seconds\{status="pending"\} 0\.\d/);
    expect(text).toContain('nakku_saga_oldest_seconds{status="packed"} 0');
    expect(await confirmed()).toBe(before + 1);
  });
});

describe('an order that goes wrong', () => {
  it('is cancelled when the stock is short, and the timeline tells which lines', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.rejected());
    expect(await show(id)).toMatchObject({ status: 'cancelled', cancelReason: 'OUT_OF_STOCK' });
    expect(await t.published('order.cancelled')).toMatchObject([
      { orderId: id, reason: 'OUT_OF_STOCK', previousStatus: 'pending', total: 19_825 },
    ]);
    expect((await timeline(id)).at(-1)).toMatchObject({
      status: 'cancelled',
      detail: { reason: 'OUT_OF_STOCK', shortages: [{ requested: 2, available: 1 }] },
    });
  });

  it('is cancelled when the payment is declined', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.reserved());
    await t.deliver(tells.declined());
    expect(await show(id)).toMatchObject({ status: 'cancelled', cancelReason: 'PAYMENT_DECLINED' });
    expect(await t.published('order.cancelled')).toMatchObject([{ previousStatus: 'pending' }]);
  });

  it('is cancelled when no rider is found', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await t.deliver(tells.failed({ pickedUp: false, final: true }));
    expect(await show(id)).toMatchObject({ status: 'cancelled', cancelReason: 'NO_RIDER' });
    expect(await t.published('order.cancelled')).toMatchObject([{ previousStatus: 'confirmed', reason: 'NO_RIDER' }]);
  });

  it('goes on when one rider gives up and another is looked for', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await t.deliver(tells.assigned());
    await t.deliver(tells.failed({ pickedUp: false, final: false }));
    expect(await show(id)).toMatchObject({ status: 'confirmed' });
    expect((await timeline(id)).at(-1)).toMatchObject({
      event: 'delivery.failed',
      status: 'confirmed',
      detail: { text: 'flat tyre' },
    });
  });

  it('fails when the bag was lost on the road', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await pack(id);
    await t.deliver(tells.started());
    await t.deliver(tells.failed({ pickedUp: true, final: true }));
    expect(await show(id)).toMatchObject({ status: 'failed' });
    expect(await t.published('order.completed')).toMatchObject([{ status: 'failed' }]);
    expect(await t.published('order.cancelled')).toEqual([]);
  });
});

describe('facts that come late, twice or out of turn', () => {
  it('have one effect when the same event comes again', async () => {
    const { tells } = await place();
    const event = await t.deliver(tells.reserved());
    await t.deliver(event);
    expect(await t.published('order.payment_requested')).toHaveLength(1);
  });

  it('have one effect when another event says the same', async () => {
    const { tells } = await place();
    for (const fact of [tells.reserved, tells.reserved, tells.paid, tells.paid]) await t.deliver(fact());
    expect(await types()).toEqual(['order.created', 'order.payment_requested', 'order.confirmed']);
  });

  it('change nothing once the order is cancelled', async () => {
    const { id, tells } = await place();
    await t.http.post(`/api/v1/orders/${id}/cancel`, { as: customer, body: {} });
    const late = [
      tells.reserved(),
      tells.rejected(),
      tells.paid(),
      tells.declined(),
      tells.assigned(),
      tells.started(),
      tells.moved(1),
      tells.completed(),
    ];
    for (const fact of [
      ...late,
      tells.failed({ pickedUp: false, final: true }),
      tells.failed({ pickedUp: true, final: true }),
    ])
      await t.deliver(fact);
    expect(await show(id)).toMatchObject({ status: 'cancelled', cancelReason: 'CUSTOMER' });
    expect(await types()).toEqual(['order.created', 'order.cancelled']);
    expect(await timeline(id)).toHaveLength(2);
  });

  it('change nothing in an order that is unknown', async () => {
    await t.deliver(tellsOf(newId(), newId(), newId()).reserved());
    expect(await t.published()).toEqual([]);
  });

  it('do not take back what is confirmed', async () => {
    const { id, tells } = await place();
    for (const fact of [tells.paid(), tells.declined(), tells.rejected(), tells.completed()]) await t.deliver(fact);
    expect(await show(id)).toMatchObject({ status: 'confirmed' });
  });

  it('let a delivery end an order whose pickup was never heard of', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await pack(id);
    await t.deliver(tells.completed());
    expect(await show(id)).toMatchObject({ status: 'delivered' });
  });

  it('leave one outcome when cancelling and paying meet', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.reserved());
    const cancel = () => t.http.post(`/api/v1/orders/${id}/cancel`, { as: customer, body: {} });
    const [, ...answers] = await Promise.all([t.deliver(tells.declined()), cancel(), cancel(), cancel()]);
    expect(await t.published('order.cancelled')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect((await timeline(id)).filter(({ status }) => status === 'cancelled')).toHaveLength(1);
  });
});

describe('when somebody else was faster', () => {
  it('a change by one who has read an older state is not written', async () => {
    const { id, tells } = await place();
    const orders = t.get(OrderRepository);
    const stale = (await orders.find(id))!;
    await t.deliver(tells.paid());
    expect(await orders.change(stale, { status: 'cancelled' })).toBe(false);
    expect(await show(id)).toMatchObject({ status: 'confirmed' });
  });

  it('the saga looks again, and tells the state that it really left', async () => {
    const { id, tells } = await place();
    const orders = t.get(OrderRepository);
    const stale = await orders.find(id);
    await t.deliver(tells.paid());
    jest.spyOn(orders, 'find').mockResolvedValueOnce(stale);
    await t.database.transaction(() => t.get(SagaService).cancel(id, 'cancelledByCustomer', 'CUSTOMER'));
    expect(await t.published('order.cancelled')).toMatchObject([{ previousStatus: 'confirmed', reason: 'CUSTOMER' }]);
  });
});
