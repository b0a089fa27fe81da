import { type Answer, eventually, type Http, type Loose } from '@nakku/testing';
import { randomUUID } from 'node:crypto';

const V1 = '/api/v1';
/** A point inside the Koramangala zone. */
export const KORAMANGALA = { lat: 12.9352, lng: 77.6245 };

/** Throws with the whole answer when it is not what the step needs. */
export function must(answer: Answer, status: number): Loose {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** What the people of the shop do, over HTTP as their apps would. */
export class Shop {
  constructor(readonly http: Http) {}

  async login(email: string, password: string): Promise<string> {
    return must(await this.http.post(`${V1}/users/login`, { body: { email, password } }), 200).accessToken;
  }

  admin = () => this.login('admin@nakku.test', 'nakku-admin-demo');
  staff = () => this.login('staff.koramangala@nakku.test', 'nakku-staff-demo');
  rider = (number = 1) => this.login(`rider${number}@nakku.test`, 'nakku-rider-demo');

  /** A fresh customer with an address that can be served. */
  async customer(): Promise<{ token: string; addressId: string; userId: string }> {
    const email = `${randomUUID()}@flow.test`;
    const body = { email, password: 'a-long-password', firstName: 'Asha', lastName: 'Rao' };
    const { accessToken: token, user } = must(await this.http.post(`${V1}/users/register`, { body }), 201);
    const address = {
      label: 'Home',
      line1: '1, 80 Feet Road',
      city: 'Bengaluru',
      state: 'Karnataka',
      postalCode: '560034',
      country: 'IN',
      ...KORAMANGALA,
    };
    const { id, serviceable } = must(await this.http.post(`${V1}/users/addresses`, { as: token, body: address }), 201);
    if (!serviceable) throw new Error('the address is not serviceable');
    return { token, addressId: id, userId: user.id };
  }

  async koramangala(): Promise<string> {
    const { serviceable, storeId, reason } = must(
      await this.http.get(`${V1}/location/serviceability?lat=${KORAMANGALA.lat}&lng=${KORAMANGALA.lng}`),
      200,
    );
    if (!serviceable) throw new Error(`Koramangala is not serviceable: ${reason}`);
    return storeId;
  }

  async products(count: number): Promise<Loose[]> {
    const storeId = await this.koramangala();
    return must(await this.http.get(`${V1}/products?storeId=${storeId}&inStock=true&limit=${count}&sort=name`), 200)
      .items;
  }

  async fillCart(token: string, lines: { productId: string; quantity: number }[]): Promise<Loose> {
    let cart: Loose;
    for (const { productId, quantity } of lines) {
      cart = must(await this.http.put(`${V1}/cart/items/${productId}`, { as: token, body: { quantity } }), 200);
    }
    return cart;
  }

  place(
    token: string,
    body: Record<string, unknown>,
    key: string = randomUUID(),
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.http.post(`${V1}/orders`, { as: token, body, headers: { 'idempotency-key': key, ...headers } });
  }

  /** A customer's order of two products, placed but not yet settled. */
  async placed(
    payment: Record<string, unknown> = { paymentMethod: 'cod' },
  ): Promise<{ order: Loose; token: string; addressId: string }> {
    const { token, addressId } = await this.customer();
    const [first, second] = await this.products(2);
    await this.fillCart(token, [
      { productId: first.id, quantity: 2 },
      { productId: second.id, quantity: 1 },
    ]);
    return { order: must(await this.place(token, { addressId, ...payment }), 201), token, addressId };
  }

  order(token: string, id: string): Promise<Loose> {
    return this.http.get(`${V1}/orders/${id}`, { as: token }).then((answer) => must(answer, 200));
  }

  reaches(token: string, id: string, status: string, ms = 20_000): Promise<Loose> {
    return eventually(
      `order ${id} becoming ${status}`,
      async () => {
        const order = await this.order(token, id);
        return order.status === status && order;
      },
      ms,
    );
  }

  paymentOf(token: string, orderId: string): Promise<Loose> {
    return this.http
      .get(`${V1}/payments?orderId=${orderId}`, { as: token })
      .then((answer) => must(answer, 200).items[0]);
  }

  async stock(staff: string, storeId: string, productId: string): Promise<Loose> {
    return must(
      await this.http.get(`${V1}/inventory/stock?storeId=${storeId}&productId=${productId}`, { as: staff }),
      200,
    ).items[0];
  }

  /** Puts more of a product on the store's shelf. */
  async stockUp(staff: string, storeId: string, productId: string, delta: number): Promise<void> {
    const body = { storeId, productId, delta, reason: 'flow test' };
    const headers = { 'idempotency-key': randomUUID() };
    must(await this.http.post(`${V1}/inventory/adjustments`, { as: staff, body, headers }), 201);
  }

  /** The rider's open job for this order, once it is offered to him. */
  offerOf(rider: string, orderId: string): Promise<Loose> {
    return eventually(`an offer of order ${orderId}`, async () => {
      const { items } = must(await this.http.get(`${V1}/delivery/jobs`, { as: rider }), 200);
      return items.find((job: Loose) => job.orderId === orderId && job.status === 'offered');
    });
  }

  jobStep(rider: string, jobId: string, step: string, body?: unknown): Promise<Answer> {
    return this.http.post(`${V1}/delivery/jobs/${jobId}/${step}`, { as: rider, body: body ?? {} });
  }

  /** Cancels what waits in the store's queue, so that the next rider is offered the next order. */
  async clearQueue(staff: string, storeId: string): Promise<void> {
    const { items } = must(await this.http.get(`${V1}/orders/store/${storeId}/queue?limit=100`, { as: staff }), 200);
    for (const { id } of items) must(await this.http.post(`${V1}/orders/${id}/cancel`, { as: staff, body: {} }), 200);
  }

  /** Takes a confirmed order through packing and riding to the door. */
  async deliver(customer: string, orderId: string, riderNumber = 1): Promise<void> {
    const staff = await this.staff();
    const rider = await this.rider(riderNumber);
    must(await this.http.patch(`${V1}/delivery/riders/me`, { as: rider, body: { status: 'online' } }), 200);
    must(await this.http.post(`${V1}/orders/${orderId}/pack`, { as: staff, body: {} }), 200);
    const job = await this.offerOf(rider, orderId);
    must(await this.jobStep(rider, job.id, 'accept'), 200);
    await eventually('the pickup', async () => (await this.jobStep(rider, job.id, 'pickup')).status === 200);
    await this.reaches(customer, orderId, 'out_for_delivery');
    const { deliveryOtp } = await this.order(customer, orderId);
    must(await this.jobStep(rider, job.id, 'complete', { otp: deliveryOtp }), 200);
    await this.reaches(customer, orderId, 'delivered');
    must(await this.http.patch(`${V1}/delivery/riders/me`, { as: rider, body: { status: 'offline' } }), 200);
  }
}
