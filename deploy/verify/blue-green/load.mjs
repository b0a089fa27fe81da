// node load.mjs PORT CERTIFICATE: shoppers who browse and order through the balancer until SIGTERM, each request on a connection of its own; then prints what they saw.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../edge/client.mjs';

const [port, certificate] = process.argv.slice(2);
const to = { https: Number(port), ca: readFileSync(certificate) };
const counts = { requests: 0, orders: 0, slowestMs: 0 };
const failures = [];
let going = true;
process.once('SIGTERM', () => (going = false));

async function ask(method, path, { token, body, headers = {} } = {}) {
  const startedAt = Date.now();
  const all = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers };
  counts.requests++;
  const fail = (what) => {
    failures.push(`${new Date().toISOString()} ${method} ${path.split('?')[0]} ${what}`);
    return undefined;
  };
  try {
    const options = { headers: all, body: body && JSON.stringify(body) };
    const { status, text } = await request(to, method, `/api/v1${path}`, options);
    counts.slowestMs = Math.max(counts.slowestMs, Date.now() - startedAt);
    return status < 400 ? JSON.parse(text || '{}') : fail(`${status} ${text.slice(0, 300)}`);
  } catch (error) {
    return fail(error.code ?? error.message);
  }
}

const HOME = {
  label: 'Home',
  line1: '17th Main Road, Koramangala',
  city: 'Bengaluru',
  state: 'Karnataka',
  postalCode: '560034',
  country: 'IN',
  lat: 12.9352,
  lng: 77.6245,
  isDefault: true,
};

async function browser() {
  while (going) {
    await ask('GET', '/products?q=milk');
    await ask('GET', '/categories');
    await sleep(40);
  }
}

async function shopper(products, index) {
  const body = {
    email: `load-${process.pid}-${index}@nakku.test`,
    password: 'nakku-load-demo',
    firstName: 'Load',
    lastName: 'Test',
  };
  const { accessToken: token } = await ask('POST', '/users/register', { body });
  const address = await ask('POST', '/users/addresses', { token, body: HOME });
  for (let turn = 0; going; turn++) {
    const product = products[(turn + index * 3) % products.length];
    await ask('PUT', `/cart/items/${product.id}`, { token, body: { quantity: 1 } });
    const order = await ask('POST', '/orders', {
      token,
      body: { addressId: address.id, paymentMethod: 'card', paymentToken: 'tok_ok' },
      headers: { 'idempotency-key': `load-${process.pid}-${index}-${turn}` },
    });
    if (order?.id) {
      counts.orders++;
      const headers = { 'idempotency-key': `load-${process.pid}-${index}-${turn}-cancel` }; // or the shelves are empty soon
      await ask('POST', `/orders/${order.id}/cancel`, { token, body: {}, headers });
    }
    await sleep(150);
  }
}

const place = await ask('GET', '/location/serviceability?lat=12.9352&lng=77.6245');
const { items } = await ask('GET', `/products?storeId=${place.storeId}&inStock=true&limit=50`);
await Promise.all([browser(), browser(), shopper(items, 0)]);
console.log(JSON.stringify({ ...counts, failed: failures.length, failures: failures.slice(0, 5) }));
