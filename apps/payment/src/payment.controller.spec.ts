import { newId } from '@nakku/database';
import { domainHarness, type Harness, type Loose } from '@nakku/testing';
import { anOrder, completedOf, requested, type OrderFixture } from './payment.fixtures.js';
import { PaymentModule } from './payment.module.js';
import { PaymentService } from './payment.service.js';

let t: Harness;
beforeAll(async () => {
  t = await domainHarness(PaymentModule);
});
afterAll(() => t.close());

async function placed(given: Partial<OrderFixture> = {}): Promise<OrderFixture> {
  const order = anOrder({ method: 'cod', ...given });
  await t.deliver(requested(order));
  return order;
}
const idOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentService).getByOrder({ orderId })).id;
const owner = ({ customerId }: OrderFixture) => t.actor('customer', { id: customerId });

describe('GET /payments/:id', () => {
  it('shows a payment to its owner and to an admin, without anything internal', async () => {
    const order = await placed({ paymentToken: 'tok_secret' });
    const id = await idOf(order);
    for (const as of [owner(order), t.actor('admin')]) {
      const { status, body } = await t.http.get(`/api/v1/payments/${id}`, { as });
      expect(status).toBe(200);
      expect(body).toEqual({
        id,
        orderId: order.orderId,
        method: 'cod',
        status: 'recorded',
        amount: 50_000,
        capturedAmount: 0,
        refundedAmount: 0,
        currency: 'INR',
      });
    }
  });

  it('is 404 to everybody else, 401 to nobody', async () => {
    const url = `/api/v1/payments/${await idOf(await placed())}`;
    for (const role of ['customer', 'rider', 'store_staff'] as const)
      expect(await t.http.get(url, { as: t.actor(role) })).toMatchObject({
        status: 404,
        body: { code: 'PAYMENT_NOT_FOUND' },
      });
    expect((await t.http.get(url)).status).toBe(401);
    expect((await t.http.get('/api/v1/payments/nonsense', { as: t.actor('admin') })).status).toBe(400);
  });
});

describe('GET /payments', () => {
  it('lists the payment of an order to its owner and an admin, and nothing to others', async () => {
    const order = await placed();
    const url = `/api/v1/payments?orderId=${order.orderId}`;
    for (const as of [owner(order), t.actor('admin')])
      expect((await t.http.get(url, { as })).body).toMatchObject({
        items: [{ orderId: order.orderId }],
        nextCursor: null,
      });
    expect((await t.http.get(url, { as: t.actor('customer') })).body).toEqual({ items: [], nextCursor: null });
  });

  it('goes through all of one’s own, newest first, page by page', async () => {
    const customerId = newId();
    const orders = [];
    for (let i = 0; i < 5; i++) orders.push(await placed({ customerId }));
    const seen: string[] = [];
    for (let cursor = ''; cursor !== 'end';) {
      const query = cursor ? `&cursor=${cursor}` : '';
      const { body } = await t.http.get(`/api/v1/payments?limit=2${query}`, {
        as: t.actor('customer', { id: customerId }),
      });
      seen.push(...body.items.map(({ orderId }: Loose) => orderId as string));
      cursor = body.nextCursor ?? 'end';
    }
    expect(seen).toEqual(orders.map(({ orderId }) => orderId).reverse());
  });

  it.each(['limit=0', 'limit=101', 'cursor=nonsense', 'orderId=1', 'what=ever'])('refuses %s', async (query) => {
    expect((await t.http.get(`/api/v1/payments?${query}`, { as: t.actor('admin') })).status).toBe(400);
  });
});

describe('GET /payments/ledger', () => {
  it('shows an admin both sides of every movement of an order or a payment', async () => {
    const order = await placed();
    await t.deliver(completedOf(order));
    const id = await idOf(order);
    for (const filter of [`orderId=${order.orderId}`, `paymentId=${id}`]) {
      const { body } = await t.http.get(`/api/v1/payments/ledger?${filter}`, { as: t.actor('admin') });
      expect(body.nextCursor).toBeNull();
      const sides = body.items.map(({ account, direction, amount }: Loose) => [account, direction, amount]).sort();
      expect(sides).toEqual([
        ['cash_on_delivery', 'debit', 50_000],
        ['customer_sales', 'credit', 50_000],
      ]);
      expect(new Set(body.items.map(({ transactionId }: Loose) => transactionId)).size).toBe(1);
      expect(body.items[0]).toMatchObject({ orderId: order.orderId, paymentId: id, currency: 'INR' });
    }
  });

  it('is paged', async () => {
    await t.deliver(completedOf(await placed()));
    const as = t.actor('admin');
    const { body } = await t.http.get('/api/v1/payments/ledger?limit=1', { as });
    const next = await t.http.get(`/api/v1/payments/ledger?limit=1&cursor=${body.nextCursor}`, { as });
    expect(next.body.items[0].id < body.items[0].id).toBe(true);
    expect(next.body.items[0].transactionId).toBe(body.items[0].transactionId);
  });

  it('is for admins alone', async () => {
    for (const role of ['customer', 'rider', 'store_staff'] as const)
      expect((await t.http.get('/api/v1/payments/ledger', { as: t.actor(role) })).status).toBe(403);
  });
});
