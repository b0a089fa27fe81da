import { eventually } from '@nakku/testing';
import type { Deployment } from '../processes/deployment.js';
import { KORAMANGALA, must, Shop } from './shop.js';

const V1 = '/api/v1';

/** What must hold of an order from the first look to the door, however Nakku is deployed. */
export function aWholeOrder(deployment: () => Deployment): void {
  let nakku: Deployment;
  let shop: Shop;

  beforeAll(() => {
    nakku = deployment();
    shop = new Shop(nakku.http);
  });

  it('begins as a guest, and ends at the door', async () => {
    const { http } = nakku;
    const storeId = await shop.koramangala();

    // browse
    const found = must(await http.get(`${V1}/products?q=mlik&storeId=${storeId}&inStock=true`), 200);
    expect(found.items.length).toBeGreaterThan(0);
    expect(found.facets).toMatchObject({
      category: expect.any(Array),
      brand: expect.any(Array),
      price: expect.any(Array),
    });
    const [milk, other] = found.items;

    // fill a cart before signing in
    const first = await http.put(`${V1}/cart/items/${milk.id}`, { body: { quantity: 2 } });
    const cartToken = first.headers['x-cart-token']!;
    expect(cartToken.length).toBeGreaterThanOrEqual(22);
    expect(first.body).toMatchObject({ items: [{ productId: milk.id, quantity: 2, available: true }] });

    // sign in: the cart comes along
    const body = { email: 'customer@nakku.test', password: 'nakku-customer-demo' };
    const { accessToken: token } = must(
      await http.post(`${V1}/users/login`, { body, headers: { 'x-cart-token': cartToken } }),
      200,
    );
    const cart = must(await http.put(`${V1}/cart/items/${other.id}`, { as: token, body: { quantity: 1 } }), 200);
    expect(cart.items).toHaveLength(2);
    expect(cart.total).toBe(cart.subtotal - cart.discount + cart.deliveryFee + cart.tax);

    // pay
    const address = must(await http.get(`${V1}/users/addresses`, { as: token }), 200).items[0];
    expect(address).toMatchObject({ ...KORAMANGALA, serviceable: true });
    const staff = await shop.staff();
    const before = await shop.stock(staff, storeId, milk.id);
    const placed = await shop.place(
      token,
      { addressId: address.id, paymentMethod: 'card', paymentToken: 'tok_ok', tip: 2000 },
      'whole-order-1',
      { prefer: 'wait=30' },
    );
    const order = must(placed, 201);
    expect(order).toMatchObject({
      status: 'confirmed',
      storeId,
      total: cart.total + 2000,
      tip: 2000,
      paymentMethod: 'card',
    });
    expect(must(await http.get(`${V1}/cart`, { as: token }), 200).items).toEqual([]);
    expect(await shop.stock(staff, storeId, milk.id)).toMatchObject({
      onHand: before.onHand,
      reserved: before.reserved + 2,
    });
    expect(await shop.paymentOf(token, order.id)).toMatchObject({
      status: 'authorised',
      amount: order.total,
      capturedAmount: 0,
    });

    // pack
    const queue = must(await http.get(`${V1}/orders/store/${storeId}/queue`, { as: staff }), 200);
    expect(queue.items.map(({ id }: { id: string }) => id)).toContain(order.id);
    must(await http.post(`${V1}/orders/${order.id}/pack`, { as: staff, body: {} }), 200);
    await eventually('the commit of the stock', async () => {
      const { onHand, reserved } = await shop.stock(staff, storeId, milk.id);
      return onHand === before.onHand - 2 && reserved === before.reserved;
    });

    // ride
    const rider = await shop.rider();
    must(await http.patch(`${V1}/delivery/riders/me`, { as: rider, body: { status: 'online' } }), 200);
    const job = await shop.offerOf(rider, order.id);
    must(await shop.jobStep(rider, job.id, 'accept'), 200);
    const { deliveryOtp } = await eventually('the OTP', async () => {
      const seen = await shop.order(token, order.id);
      return seen.deliveryOtp && seen;
    });
    expect(deliveryOtp).toMatch(/^\d{4,6}$/);
    expect((await shop.order(staff, order.id)).deliveryOtp).toBeUndefined();
    await eventually('the pickup', async () => (await shop.jobStep(rider, job.id, 'pickup')).status === 200);
    await shop.reaches(token, order.id, 'out_for_delivery');
    must(await http.post(`${V1}/delivery/riders/me/position`, { as: rider, body: { lat: 12.936, lng: 77.625 } }), 200);
    expect(must(await http.get(`${V1}/delivery/orders/${order.id}`, { as: token }), 200)).toMatchObject({
      stage: 'picked_up',
      rider: { position: { lat: 12.936 } },
    });

    // deliver
    const wrong = deliveryOtp === '0000' ? '1111' : '0000';
    expect((await shop.jobStep(rider, job.id, 'complete', { otp: wrong })).status).toBe(422);
    must(await shop.jobStep(rider, job.id, 'complete', { otp: deliveryOtp }), 200);
    await shop.reaches(token, order.id, 'delivered');
    must(await http.patch(`${V1}/delivery/riders/me`, { as: rider, body: { status: 'offline' } }), 200);
    await eventually('the capture', async () => (await shop.paymentOf(token, order.id)).status === 'captured');

    // what is left behind
    const timeline = must(await http.get(`${V1}/orders/${order.id}/timeline`, { as: token }), 200);
    const statuses = timeline.items.map(({ status }: { status?: string }) => status).filter(Boolean);
    expect([...new Set(statuses)]).toEqual(['pending', 'confirmed', 'packed', 'out_for_delivery', 'delivered']);
    await eventually('the notifications', async () => {
      const { items } = must(await http.get(`${V1}/notifications`, { as: token }), 200);
      return items.filter(({ orderId }: { orderId?: string }) => orderId === order.id).length >= 3;
    });
    const admin = await shop.admin();
    const ledger = must(await http.get(`${V1}/payments/ledger?orderId=${order.id}`, { as: admin }), 200).items;
    const sum = (direction: string) =>
      ledger
        .filter((row: { direction: string }) => row.direction === direction)
        .reduce((total: number, row: { amount: number }) => total + row.amount, 0);
    expect(sum('debit')).toBe(order.total);
    expect(sum('credit')).toBe(order.total);
    await eventually('the analytics', async () => {
      const summary = must(await http.get(`${V1}/analytics/summary`, { as: admin }), 200);
      return JSON.stringify(summary).includes('delivered') && summary;
    });
    expect(must(await http.get(`${V1}/admin/dead-letters`, { as: admin }), 200).items).toEqual([]);
    await eventually('empty outboxes', async () =>
      must(await http.get(`${V1}/admin/outbox`, { as: admin }), 200).items.every(
        ({ pending }: { pending: number }) => pending === 0,
      ),
    );
  });

  it('takes cash at the door', async () => {
    const { order, token } = await shop.placed();
    await shop.reaches(token, order.id, 'confirmed');
    expect(await shop.paymentOf(token, order.id)).toMatchObject({ status: 'recorded', capturedAmount: 0 });
    await shop.deliver(token, order.id, 2);
    await eventually('the cash', async () => (await shop.paymentOf(token, order.id)).capturedAmount === order.total);
  });

  it('tells the customer as it happens, and resumes where a stream broke off', async () => {
    const { order, token } = await shop.placed();
    await shop.reaches(token, order.id, 'confirmed');
    const seen: string[] = [];
    const read = async (lastEventId?: string) => {
      const response = await fetch(`${nakku.url}${V1}/orders/${order.id}/stream`, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'text/event-stream',
          ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
        },
      });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) seen.push(chunk);
    };
    const reading = read();
    await eventually('the present state', async () => seen.join('').includes('"confirmed"'));
    await shop.deliver(token, order.id, 3);
    await reading; // it closes by itself after the final state
    const text = seen.join('');
    expect(text).toContain('"out_for_delivery"');
    expect(text).toContain('"delivered"');
    const ids = [...text.matchAll(/^id: ?(\d+)/gm)].map(([, id]) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    seen.length = 0;
    await read(String(ids[0]));
    expect(seen.join('')).toContain('"delivered"');
    expect(seen.join('')).not.toContain(`id: ${ids[0]}\n`);
  });
}
