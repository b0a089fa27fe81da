import { deliveryCompleted, orderCompleted, orderConfirmed, orderCreated } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { AnalyticsModule } from './analytics.module.js';

let copies: Harness[];
beforeEach(async () => {
  const first = await domainHarness(AnalyticsModule);
  copies = [first, await domainHarness(AnalyticsModule, { beside: first })];
});
afterEach(async () => {
  for (const copy of copies.toReversed()) await copy.close();
});

const storeId = newId();
const productIds = Array.from({ length: 6 }, newId);
const anOrder = (total: number) => {
  const base = { orderId: newId(), number: 'NK-1', customerId: newId(), storeId, total, currency: 'INR' };
  // Each order begins with another product: what is written in the order of its lines would dead-lock.
  const first = Math.floor(Math.random() * productIds.length);
  const ids = [...productIds.slice(first), ...productIds.slice(0, first)];
  const items = ids.map((productId) => ({ productId, name: 'Milk', quantity: 1, unitPrice: total, lineTotal: total }));
  return { ...base, items, paymentMethod: 'cod' as const };
};
type Order = ReturnType<typeof anOrder>;
const address = {
  label: 'Home',
  line1: '1',
  city: 'B',
  state: 'KA',
  postalCode: '560034',
  country: 'IN',
  lat: 1,
  lng: 2,
};
const at = '2026-06-01T10:00:00.000Z';
const created = (order: Order) => orderCreated({ ...order, cartId: newId(), generation: 0 });
const confirmed = (order: Order) => orderConfirmed({ ...order, paymentId: newId(), address, promisedAt: at });
const completed = (order: Order) => orderCompleted({ ...order, status: 'delivered', placedAt: at, completedAt: at });
const get = async (path: string) =>
  (await copies[0]!.http.get(`/api/v1/analytics/${path}`, { as: copies[0]!.actor('admin') })).body;
const either = (n: number): Harness => copies[n % copies.length]!;

describe('two copies of the service', () => {
  it('count all that they hear at once, and neither has to begin anew', async () => {
    const orders = Array.from({ length: 30 }, () => anOrder(100));
    await Promise.all(
      orders.map(async (order, n) => {
        await either(n).deliver(created(order));
        await either(n + 1).deliver(confirmed(order));
      }),
    );
    const { items } = await get('products/top');
    expect(items).toHaveLength(productIds.length);
    for (const item of items) expect(item).toMatchObject({ quantity: 30, amount: 3000 });
    expect(await get('summary')).toMatchObject({
      orders: { placed: 30, confirmed: 30 },
      events: { 'order.created': 30, 'order.confirmed': 30 },
    });
    expect(copies.map(({ database }) => database.stats().rollbacks)).toEqual([0, 0]);
  });

  it('count a duplicate once, whichever of them gets it', async () => {
    const order = anOrder(100);
    const event = await either(0).deliver(created(order));
    await Promise.all([either(0).deliver(event), either(1).deliver(event), either(1).deliver(event)]);
    expect((await get('summary')).events).toEqual({ 'order.created': 1 });
  });

  it('leave an order where it ended, in whatever order they hear of it', async () => {
    const orders = Array.from({ length: 20 }, () => anOrder(100));
    await Promise.all(
      orders.flatMap((order, n) => [either(n).deliver(created(order)), either(n + 1).deliver(completed(order))]),
    );
    expect(await get('summary')).toMatchObject({
      orders: { placed: 20, delivered: 20, pending: 0 },
      revenueAmount: 2000,
    });
  });
});

it('holds amounts that 32 bits do not', async () => {
  const total = 900_000_000_000;
  const order = anOrder(total);
  await copies[0]!.deliver(created(order));
  await copies[0]!.deliver(confirmed(order));
  await copies[0]!.deliver(completed(order));
  expect(await get('summary')).toMatchObject({ revenueAmount: total, averageOrderAmount: total });
  expect((await get('products/top')).items[0]).toMatchObject({ amount: total });
  expect((await get('stores/performance')).items).toMatchObject([{ revenueAmount: total }]);
  expect((await get('orders/timeseries')).items).toMatchObject([{ revenueAmount: total }]);
});

it('takes averages of rides to a tenth of a minute', async () => {
  for (const minutes of [10, 11, 11]) {
    const ride = { orderId: newId(), customerId: newId(), storeId, jobId: newId(), riderId: newId(), minutes };
    await copies[0]!.deliver(deliveryCompleted(ride));
  }
  expect(await get('delivery/performance')).toMatchObject({ completed: 3, averageMinutes: 10.7, longestMinutes: 11 });
});
