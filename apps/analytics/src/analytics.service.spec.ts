import {
  deliveryCompleted,
  inventoryOutOfStock,
  orderCancelled,
  orderCompleted,
  orderConfirmed,
  orderCreated,
  userRegistered,
} from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { spanOf } from './analytics.js';
import { AnalyticsModule } from './analytics.module.js';

describe('analytics', () => {
  let t: Harness;
  const storeId = newId();
  const address = {
    label: 'Home',
    line1: '1',
    city: 'B',
    state: 'KA',
    postalCode: '560034',
    country: 'IN',
    lat: 12.9,
    lng: 77.6,
  };
  const items = [{ productId: newId(), name: 'Milk', quantity: 2, unitPrice: 3000, lineTotal: 6000 }];

  beforeEach(async () => (t = await domainHarness(AnalyticsModule)));
  afterEach(() => t.close());

  const get = async (path: string) => (await t.http.get(`/api/v1/analytics/${path}`, { as: t.actor('admin') })).body;
  const base = (total: number) => ({
    orderId: newId(),
    number: 'NK-1',
    customerId: newId(),
    storeId,
    total,
    currency: 'INR',
  });
  type Base = ReturnType<typeof base>;
  const created = (order: Base) =>
    orderCreated({ ...order, cartId: newId(), generation: 0, items, paymentMethod: 'cod' });
  const confirmed = (order: Base) =>
    orderConfirmed({
      ...order,
      items,
      paymentMethod: 'cod',
      paymentId: newId(),
      address,
      promisedAt: new Date().toISOString(),
    });
  const cancelled = (order: Base) => orderCancelled({ ...order, reason: 'OUT_OF_STOCK', previousStatus: 'pending' });
  const completed = (order: Base) => {
    const at = new Date().toISOString();
    return orderCompleted({ ...order, status: 'delivered', paymentMethod: 'cod', placedAt: at, completedAt: at });
  };

  it('sums orders, revenue and rides up', async () => {
    const [one, two, three] = [base(10_000), base(5000), base(700)];
    for (const order of [one, two, three]) await t.deliver(created(order));
    for (const order of [one, two]) await t.deliver(confirmed(order));
    await t.deliver(completed(one));
    await t.deliver(cancelled(three));
    await t.deliver(
      deliveryCompleted({
        orderId: one.orderId,
        customerId: one.customerId,
        storeId,
        jobId: newId(),
        riderId: newId(),
        minutes: 17,
      }),
    );
    expect(await get('summary')).toMatchObject({
      orders: { placed: 3, pending: 0, confirmed: 1, delivered: 1, cancelled: 1 },
      revenueAmount: 10_000,
      averageOrderAmount: 10_000,
      customers: 3,
      delivery: { completed: 1, averageMinutes: 17 },
    });
    expect((await get('products/top')).items).toEqual([
      { productId: items[0]!.productId, name: 'Milk', quantity: 4, amount: 12_000 },
    ]);
    expect((await get('stores/performance')).items).toEqual([
      { storeId, orders: 3, delivered: 1, cancelled: 1, revenueAmount: 10_000 },
    ]);
    expect((await get('orders/timeseries?interval=day')).items).toMatchObject([{ orders: 3, revenueAmount: 10_000 }]);
    expect(await get('delivery/performance')).toMatchObject({ completed: 1, longestMinutes: 17 });
  });

  it('counts every event once, also those that it knows nothing special about', async () => {
    const event = await t.deliver(userRegistered({ userId: newId(), email: 'a@b.test', firstName: 'A' }));
    await t.deliver(event);
    await t.deliver(inventoryOutOfStock({ storeId, productId: newId() }));
    await t.deliver(inventoryOutOfStock({ storeId, productId: newId() }));
    expect(await get('summary')).toMatchObject({
      stockOuts: 2,
      events: { 'user.registered': 1, 'inventory.out_of_stock': 2 },
    });
  });

  it('is not turned back by an event that comes late', async () => {
    const order = base(10_000);
    await t.deliver(completed(order));
    await t.deliver(confirmed(order));
    await t.deliver(created(order));
    expect(await get('summary')).toMatchObject({
      orders: { placed: 1, delivered: 1, confirmed: 0, pending: 0 },
      revenueAmount: 10_000,
    });
  });

  it('is for admins, and for spans that make sense', async () => {
    expect((await t.http.get('/api/v1/analytics/summary', { as: t.actor('customer') })).status).toBe(403);
    const upsideDown = await t.http.get('/api/v1/analytics/summary?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', {
      as: t.actor('admin'),
    });
    expect(upsideDown).toMatchObject({ status: 400, body: { code: 'INVALID_SPAN' } });
    expect(() => spanOf({ from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 0)).toThrow('366 days');
    expect(spanOf({}, Date.parse('2026-01-08T00:00:00Z'))).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-08T00:00:00.000Z',
    });
  });

  it('leaves out what is not in the span', async () => {
    await t.deliver(created(base(1)));
    expect(await get('summary?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z')).toMatchObject({
      orders: { placed: 0 },
    });
  });
});
