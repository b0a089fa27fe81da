import { createHmac, randomUUID } from 'node:crypto';
import { eventually, type Loose } from '@nakku/testing';
import type { Deployment } from '../processes/deployment.js';
import { must, Shop } from './shop.js';

const V1 = '/api/v1';
/** A deployment that runs already has a secret of its own. */
const WEBHOOK_SECRET = process.env.NAKKU_WEBHOOK_SECRET ?? 'a-webhook-secret-for-the-flow-tests';

/** What a deployment is started with, so that an order which hangs is given up while somebody looks. */
export const IMPATIENT = {
  PAYMENT_WEBHOOK_SECRET: WEBHOOK_SECRET,
  ORDER_TIMEOUT_MS: '20000', // longer than an order takes on a busy machine
  PAYMENT_PROVIDER_TIMEOUT_MS: '300',
};

/** What must hold when an order goes wrong, however Nakku is deployed. Start it with IMPATIENT. */
export function whatCanGoWrong(deployment: () => Deployment): void {
  let nakku: Deployment;
  let shop: Shop;
  let staff: string;
  let storeId: string;

  beforeAll(async () => {
    nakku = deployment();
    shop = new Shop(nakku.http);
    staff = await shop.staff();
    storeId = await shop.koramangala();
  });

  const stockOf = async (order: Loose) =>
    Promise.all(order.items.map(({ productId }: { productId: string }) => shop.stock(staff, storeId, productId)));
  const nothingReserved = (before: Loose[], order: Loose) =>
    eventually('the release of the stock', async () => JSON.stringify(await stockOf(order)) === JSON.stringify(before));

  /** A product of which this much is left in the store. */
  async function productWith(left: number): Promise<Loose> {
    const admin = await shop.admin();
    const sku = `FLOW-${randomUUID().slice(0, 8)}`;
    const [sample] = await shop.products(1);
    const { id: _id, version: _version, available: _available, ...fields } = sample;
    const product = must(
      await nakku.http.post(`${V1}/products`, { as: admin, body: { ...fields, sku, name: sku } }),
      201,
    );
    await shop.stockUp(staff, storeId, product.id, left);
    return product;
  }

  it('sells exactly what is there to many who want the last pieces at once', async () => {
    const product = await productWith(5);
    const customers = await Promise.all(Array.from({ length: 12 }, () => shop.customer()));
    await Promise.all(customers.map(({ token }) => shop.fillCart(token, [{ productId: product.id, quantity: 1 }])));
    const answers = await Promise.all(
      customers.map(({ token, addressId }) => shop.place(token, { addressId, paymentMethod: 'cod' })),
    );
    for (const { status } of answers) expect([201, 422]).toContain(status);
    const settled = await Promise.all(
      answers.map(async ({ status, body }, i) => {
        if (status !== 201) return 'refused';
        const token = customers[i]!.token;
        const order = await eventually('a settled order', async () => {
          const seen = await shop.order(token, body.id);
          return seen.status !== 'pending' && seen;
        });
        if (order.status === 'cancelled') expect(order.cancelReason).toBe('OUT_OF_STOCK');
        return order.status;
      }),
    );
    expect(settled.filter((status) => status === 'confirmed')).toHaveLength(5);
    expect(await shop.stock(staff, storeId, product.id)).toMatchObject({ onHand: 5, reserved: 5, available: 0 });
  });

  it('refuses at once what is known to be out of stock', async () => {
    const product = await productWith(1);
    const { token, addressId } = await shop.customer();
    await shop.fillCart(token, [{ productId: product.id, quantity: 3 }]);
    const refused = await shop.place(token, { addressId, paymentMethod: 'cod' });
    expect(refused).toMatchObject({ status: 422, body: { code: 'OUT_OF_STOCK' } });
  });

  it('cancels and releases when the payment is declined', async () => {
    const { order, token } = await shop.placed({ paymentMethod: 'card', paymentToken: 'tok_declined' });
    const cancelled = await shop.reaches(token, order.id, 'cancelled');
    expect(cancelled.cancelReason).toBe('PAYMENT_DECLINED');
    expect(await shop.paymentOf(token, order.id)).toMatchObject({ status: 'failed', capturedAmount: 0 });
    const [{ productId }] = order.items;
    const path = `${V1}/inventory/movements?storeId=${storeId}&productId=${productId}&limit=100`;
    await eventually('the release of the stock', async () => {
      const { items } = must(await nakku.http.get(path, { as: staff }), 200);
      const types = items.filter((movement: Loose) => movement.orderId === order.id).map(({ type }: Loose) => type);
      return JSON.stringify(types.sort()) === '["release","reserve"]';
    });
  });

  it('tries a flaky payment again, and charges once', async () => {
    const { order, token } = await shop.placed({ paymentMethod: 'card', paymentToken: 'tok_flaky' });
    await shop.reaches(token, order.id, 'confirmed');
    expect(await shop.paymentOf(token, order.id)).toMatchObject({ status: 'authorised', amount: order.total });
  });

  it('gives up an order whose payment never answers, and keeps no money when the provider says yes too late', async () => {
    const { order, token } = await shop.placed({ paymentMethod: 'card', paymentToken: 'tok_timeout' });
    const cancelled = await shop.reaches(token, order.id, 'cancelled', 45_000);
    expect(cancelled.cancelReason).toBe('TIMEOUT');
    const payment = await shop.paymentOf(token, order.id);
    const raw = JSON.stringify({
      id: randomUUID(),
      type: 'payment.settled',
      data: { paymentId: payment.id, status: 'succeeded' },
    });
    const t = Math.floor(Date.now() / 1000);
    const signature = `t=${t},v1=${createHmac('sha256', WEBHOOK_SECRET).update(`${t}.${raw}`).digest('hex')}`;
    const sent = await nakku.http.post(`${V1}/payments/webhooks/sandbox`, {
      body: raw,
      headers: { 'x-nakku-signature': signature },
    });
    expect(sent.status).toBe(200);
    await eventually('the void', async () =>
      ['voided', 'refunded', 'failed'].includes((await shop.paymentOf(token, order.id)).status),
    );
    expect((await shop.order(token, order.id)).status).toBe('cancelled');
    const after = await shop.paymentOf(token, order.id);
    expect(after.capturedAmount - after.refundedAmount).toBe(0);
  });

  it('gives stock and money back when the customer cancels after paying', async () => {
    const { token, addressId } = await shop.customer();
    const [product] = await shop.products(1);
    await shop.fillCart(token, [{ productId: product.id, quantity: 2 }]);
    const before = [await shop.stock(staff, storeId, product.id)];
    const order = must(await shop.place(token, { addressId, paymentMethod: 'upi', paymentToken: 'tok_ok' }), 201);
    await shop.reaches(token, order.id, 'confirmed');
    must(
      await nakku.http.post(`${V1}/orders/${order.id}/cancel`, { as: token, body: { reason: 'changed my mind' } }),
      200,
    );
    await nothingReserved(before, order);
    await eventually('the money back', async () =>
      ['voided', 'refunded'].includes((await shop.paymentOf(token, order.id)).status),
    );
    const again = await nakku.http.post(`${V1}/orders/${order.id}/cancel`, { as: token, body: {} });
    expect(again).toMatchObject({ status: 409, body: { code: 'ORDER_NOT_CANCELLABLE' } });
  });

  it('looks for another rider when one gives up before the pickup', async () => {
    await shop.clearQueue(staff, storeId);
    const { order, token } = await shop.placed();
    await shop.reaches(token, order.id, 'confirmed');
    const [one, two] = await Promise.all([shop.rider(1), shop.rider(4)]);
    const online = (rider: string, status: string) =>
      nakku.http.patch(`${V1}/delivery/riders/me`, { as: rider, body: { status } });
    must(await nakku.http.post(`${V1}/orders/${order.id}/pack`, { as: staff, body: {} }), 200);
    must(await online(one, 'online'), 200);
    const first = await shop.offerOf(one, order.id);
    must(await shop.jobStep(one, first.id, 'accept'), 200);
    must(await shop.jobStep(one, first.id, 'fail', { reason: 'flat tyre' }), 200);
    must(await online(one, 'offline'), 200);
    must(await online(two, 'online'), 200);
    const second = await shop.offerOf(two, order.id);
    expect(second.id).not.toBe(first.id);
    must(await shop.jobStep(two, second.id, 'accept'), 200);
    must(await shop.jobStep(two, second.id, 'pickup'), 200);
    await shop.reaches(token, order.id, 'out_for_delivery');
    must(await shop.jobStep(two, second.id, 'fail', { reason: 'accident' }), 200);
    await shop.reaches(token, order.id, 'failed');
    await eventually('no money for nothing', async () => (await shop.paymentOf(token, order.id)).status === 'voided');
    await online(two, 'offline');
  });

  it('makes one order of a cart, whatever number of requests come at once', async () => {
    const { token, addressId } = await shop.customer();
    const [product] = await shop.products(1);
    await shop.fillCart(token, [{ productId: product.id, quantity: 1 }]);
    const body = { addressId, paymentMethod: 'cod' };
    const sameKey = randomUUID();
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => shop.place(token, body, sameKey)),
      ...Array.from({ length: 4 }, () => shop.place(token, body)),
    ]);
    for (const { status, body: problem } of answers) {
      if (status !== 201) expect(['CART_CHANGED', 'CART_EMPTY', 'IDEMPOTENCY_KEY_IN_PROGRESS']).toContain(problem.code);
    }
    const { items } = must(await nakku.http.get(`${V1}/orders`, { as: token }), 200);
    expect(items).toHaveLength(1);
    const replay = await shop.place(token, body, sameKey);
    if (answers.slice(0, 4).some(({ status }) => status === 201))
      expect(replay.headers['idempotency-replayed']).toBe('true');
  });

  it('gives a coupon back with a cancelled order', async () => {
    const { token, addressId } = await shop.customer();
    const [product] = await shop.products(1);
    const withCoupon = async () => {
      await shop.fillCart(token, [{ productId: product.id, quantity: 5 }]);
      return nakku.http.post(`${V1}/cart/coupon`, { as: token, body: { code: 'WELCOME50' } });
    };
    must(await withCoupon(), 200);
    const order = must(await shop.place(token, { addressId, paymentMethod: 'cod' }), 201);
    expect(order).toMatchObject({ couponCode: 'WELCOME50', discount: 5000 });
    await shop.reaches(token, order.id, 'confirmed');
    expect(await withCoupon()).toMatchObject({ status: 422 });
    must(await nakku.http.post(`${V1}/orders/${order.id}/cancel`, { as: token, body: {} }), 200);
    await eventually('the coupon', async () => (await withCoupon()).status === 200);
  });

  it('keeps strangers out of somebody’s order', async () => {
    const { order } = await shop.placed();
    const { token: stranger } = await shop.customer();
    for (const [method, path] of [
      ['get', ''],
      ['get', '/timeline'],
      ['get', '/stream'],
      ['post', '/cancel'],
    ] as const) {
      const answer = await nakku.http[method](`${V1}/orders/${order.id}${path}`, {
        as: stranger,
        ...(method === 'post' ? { body: {} } : {}),
      });
      expect(answer).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_FOUND' } });
    }
    expect((await nakku.http.get(`${V1}/delivery/orders/${order.id}`, { as: stranger })).status).toBe(404);
    expect(must(await nakku.http.get(`${V1}/payments?orderId=${order.id}`, { as: stranger }), 200).items).toEqual([]);
  });
}
