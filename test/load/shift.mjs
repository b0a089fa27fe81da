import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../bench/server.mjs';
import { V1 } from '../bench/shop.mjs';

/** What belongs to one order, beside the order itself: what customers look at before and after it. Means; the fractions are drawn. */
export const MIX = {
  'product lists': 4,
  searches: 4,
  'product pages': 6,
  'cart writes': 3,
  'cart reads': 2,
  'looks at the order': 6,
  logins: 0.3,
  'cancelled by the customer': 0.04,
  'rider positions': 6,
};
const WORDS = ['milk', 'tomatto', 'basmati rice', 'choc', 'mlik', 'bread', 'apple', 'shampoo', 'dal', 'biscuit'];
const DEMO = { staff: 'staff.koramangala@nakku.test', rider: (number) => `rider${number}@nakku.test` };
const GIVE_UP_MS = 60_000;
const LOOK_MS = 150;

const any = (list) => list[Math.floor(Math.random() * list.length)];
const times = async (count, work) => {
  for (let i = 0; i < count; i++) await work(i);
};

/** One customer from the first look to a placed order; gives the order, and whether it was cancelled again. */
export async function shop(pool, customer, { items, ids }) {
  const { token } = customer;
  const get = (path) => call(pool, 'GET', `${V1}${path}`, { token });
  if (Math.random() < MIX.logins)
    await call(pool, 'POST', `${V1}/users/login`, { body: { email: customer.email, password: 'a-long-password' } });
  await times(MIX['product lists'], (page) => get(`/products?limit=20&sort=${page % 2 ? 'price' : 'name'}`));
  await times(MIX.searches, () => get(`/products?q=${encodeURIComponent(any(WORDS))}&limit=20`));
  await times(MIX['product pages'], () => get(`/products/${any(items).id}`));
  await times(MIX['cart writes'], (i) =>
    call(pool, 'PUT', `${V1}/cart/items/${ids[i % ids.length]}`, { token, body: { quantity: 1 } }),
  );
  await times(MIX['cart reads'], () => get('/cart'));
  const order = await call(pool, 'POST', `${V1}/orders`, {
    token,
    body: { addressId: customer.addressId, paymentMethod: 'card', paymentToken: 'tok_ok' },
    headers: { 'idempotency-key': randomUUID(), prefer: 'wait=10' },
    expect: 201,
  });
  if (order.status !== 'confirmed') throw new Error(`order ${order.status}: ${order.cancelReason}`);
  await times(MIX['looks at the order'], () => get(`/orders/${order.id}`));
  const cancelled = Math.random() < MIX['cancelled by the customer'];
  if (cancelled) await call(pool, 'POST', `${V1}/orders/${order.id}/cancel`, { token, body: {} });
  return { id: order.id, token, cancelled };
}

/** The people of the store and its riders, who pack and deliver what is handed to them. */
export class Shift {
  #orders = new Map();
  #over = false;
  delivered = 0;

  constructor(pool, riders) {
    this.pool = pool;
    this.riders = riders;
  }

  async start() {
    this.staff = await this.#login(DEMO.staff, 'nakku-staff-demo');
    const tokens = [];
    for (let number = 1; number <= this.riders; number++)
      tokens.push(await this.#login(DEMO.rider(number), 'nakku-rider-demo'));
    for (const token of tokens) await this.#patch(token, 'online');
    this.working = Promise.all(tokens.map((token) => this.#ride(token)));
    this.working.catch(() => undefined); // told by end()
    return this;
  }

  async take({ id, token }) {
    this.#orders.set(id, token);
    await call(this.pool, 'POST', `${V1}/orders/${id}/pack`, { token: this.staff, body: {} });
  }

  /** Resolves when everything that was taken is delivered. */
  async end() {
    for (const until = Date.now() + GIVE_UP_MS; this.#orders.size > 0 && Date.now() < until;) await sleep(50);
    this.#over = true;
    await this.working;
    if (this.#orders.size > 0) throw new Error(`${this.#orders.size} orders were not delivered within a minute`);
  }

  async #ride(token) {
    while (!this.#over) {
      const { items } = await call(this.pool, 'GET', `${V1}/delivery/jobs`, { token });
      const job = items.find(({ status, orderId }) => status === 'offered' && this.#orders.has(orderId));
      if (job) await this.#deliver(token, job);
      else await sleep(LOOK_MS);
    }
    await this.#patch(token, 'offline');
  }

  async #deliver(token, { id, orderId }) {
    if ((await this.#step(token, id, 'accept')) !== 200) return; // somebody else was quicker
    for (const until = Date.now() + GIVE_UP_MS; (await this.#step(token, id, 'pickup')) !== 200;) {
      if (Date.now() > until) throw new Error(`order ${orderId} cannot be picked up`);
      await sleep(LOOK_MS);
    }
    await times(MIX['rider positions'], () =>
      call(this.pool, 'POST', `${V1}/delivery/riders/me/position`, { token, body: { lat: 12.936, lng: 77.625 } }),
    );
    const otp = await this.#otp(orderId);
    const status = await this.#step(token, id, 'complete', { otp });
    if (status !== 200) throw new Error(`order ${orderId} cannot be completed: ${status}`);
    this.#orders.delete(orderId);
    this.delivered++;
  }

  /** What the customer tells at the door; it is in his order a moment after the rider's yes. */
  async #otp(orderId) {
    const token = this.#orders.get(orderId);
    for (const until = Date.now() + GIVE_UP_MS; Date.now() < until; await sleep(LOOK_MS)) {
      const { deliveryOtp } = await call(this.pool, 'GET', `${V1}/orders/${orderId}`, { token });
      if (deliveryOtp) return deliveryOtp;
    }
    throw new Error(`order ${orderId} has no one-time password`);
  }

  async #step(token, id, step, body = {}) {
    const { statusCode, body: answer } = await this.pool.request({
      method: 'POST',
      path: `${V1}/delivery/jobs/${id}/${step}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await answer.dump();
    return statusCode;
  }

  async #login(email, password) {
    return (await call(this.pool, 'POST', `${V1}/users/login`, { body: { email, password } })).accessToken;
  }

  #patch(token, status) {
    return call(this.pool, 'PATCH', `${V1}/delivery/riders/me`, { token, body: { status } });
  }
}
