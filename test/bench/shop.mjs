import { randomUUID } from 'node:crypto';
import { forEach } from './load.mjs';
import { call } from './server.mjs';

export const V1 = '/api/v1';

/** A registered customer with an address that can be served. */
export async function newCustomer(pool) {
  const body = {
    email: `${randomUUID()}@bench.test`,
    password: 'a-long-password',
    firstName: 'Bench',
    lastName: 'Mark',
  };
  const { accessToken: token } = await call(pool, 'POST', `${V1}/users/register`, { body, expect: 201 });
  const address = {
    label: 'Home',
    line1: '1, 80 Feet Road',
    city: 'Bengaluru',
    state: 'Karnataka',
    postalCode: '560034',
    country: 'IN',
    lat: 12.9352,
    lng: 77.6245,
  };
  const { id } = await call(pool, 'POST', `${V1}/users/addresses`, { token, body: address, expect: 201 });
  return { token, addressId: id, email: body.email };
}

export async function newCustomers(pool, count) {
  const customers = [];
  await forEach([...Array(count).keys()], 4, async () => customers.push(await newCustomer(pool)));
  return customers;
}

/** The first products of the demo store, and so much stock of three of them that it never runs out. */
export async function stockUp(pool) {
  const { storeId } = await call(pool, 'GET', `${V1}/location/serviceability?lat=12.9352&lng=77.6245`);
  const { items } = await call(pool, 'GET', `${V1}/products?storeId=${storeId}&inStock=true&limit=100`);
  const { accessToken: token } = await call(pool, 'POST', `${V1}/users/login`, {
    body: { email: 'admin@nakku.test', password: 'nakku-admin-demo' },
  });
  const ids = items.slice(0, 3).map(({ id }) => id);
  for (const productId of ids) {
    const body = { storeId, productId, delta: 100_000, reason: 'bench' };
    const headers = { 'idempotency-key': randomUUID() };
    await call(pool, 'POST', `${V1}/inventory/adjustments`, { token, body, headers, expect: 201 });
  }
  return { items, ids };
}

/** Fills everybody's cart with one of each product. */
export const fillCarts = (pool, customers, productIds) =>
  forEach(customers, 10, async ({ token }) => {
    for (const productId of productIds)
      await call(pool, 'PUT', `${V1}/cart/items/${productId}`, { token, body: { quantity: 1 } });
  });

/** Orders the cart's content; throws unless it is confirmed within ten seconds. */
export async function orderToConfirmed(pool, { token, addressId }) {
  const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=10' };
  const body = { addressId, paymentMethod: 'cod' };
  const order = await call(pool, 'POST', `${V1}/orders`, { token, body, headers, expect: 201 });
  if (order.status !== 'confirmed') throw new Error(`order ${order.status}: ${order.cancelReason}`);
}
