// k6 run test/load/shoppers.mjs: customers who browse, search, fill carts, order, look where their order is, and cancel a few.
//   -e URL=http://localhost:8080/api/v1   where the gateway answers
//   -e CUSTOMERS=50                       how many accounts are registered in the setup; each has one shopper at a time
//   -e SHOPPERS=20 -e MINUTES=5           how many shop at once at the peak, and for how long
//   -e THINK=1                            1: people's pauses; 0: none
//   -e PAYMENT_TOKEN=tok_ok               what the payment provider's sandbox accepts
// With rate limits on: an account has 600 requests a minute, which no shopper here comes near, and an address 60 registrations a minute, so the
// setup takes a minute for 60 customers.
import { check, fail, group, sleep } from 'k6';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import exec from 'k6/execution';

const setting = (name, otherwise) => Number(__ENV[name] ?? otherwise);
const BASE = (__ENV.URL ?? 'http://localhost:8080/api/v1').replace(/\/$/, '');
const [CUSTOMERS, SHOPPERS] = [setting('CUSTOMERS', 50), setting('SHOPPERS', 20)];
const [MINUTES, THINK] = [setting('MINUTES', 5), setting('THINK', 1)];
const PAYMENT_TOKEN = __ENV.PAYMENT_TOKEN ?? 'tok_ok';
const POINT = { lat: 12.9352, lng: 77.6245 };
const WORDS = ['milk', 'tomatto', 'basmati rice', 'choc', 'mlik', 'bread', 'apple', 'dal', 'biscuit'];
const CANCELLED = 0.05;

const ordered = new Counter('orders_placed');
const confirmed = new Rate('orders_confirmed');

const browsers = Math.max(1, Math.round(SHOPPERS * 0.7));
const buyers = Math.max(1, SHOPPERS - browsers);
const ramp = (target) => ({
  executor: 'ramping-vus',
  startVUs: 1,
  stages: [
    { duration: `${Math.ceil(MINUTES * 60 * 0.2)}s`, target },
    { duration: `${Math.ceil(MINUTES * 60 * 0.6)}s`, target },
    { duration: `${Math.ceil(MINUTES * 60 * 0.2)}s`, target: 0 },
  ],
  gracefulRampDown: '30s',
});

export const options = {
  setupTimeout: '10m',
  scenarios: {
    browsing: { ...ramp(browsers), exec: 'browse' },
    buying: { ...ramp(Math.min(buyers, CUSTOMERS)), exec: 'buy' },
  },
  thresholds: {
    checks: ['rate>0.99'],
    http_req_failed: ['rate<0.01'],
    orders_confirmed: ['rate>0.98'],
    'http_req_duration{name:list}': ['p(95)<500'],
    'http_req_duration{name:search}': ['p(95)<500'],
    'http_req_duration{name:order}': ['p(95)<5000'],
  },
};

const think = (least, most) => THINK > 0 && sleep(THINK * (least + Math.random() * (most - least)));
const any = (list) => list[Math.floor(Math.random() * list.length)];
const random = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;

function ask(method, path, name, { body, token, headers = {}, expect = 200, patient = false } = {}) {
  const all = { 'Content-Type': 'application/json', ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  const send = () =>
    http.request(method, `${BASE}${path}`, body ? JSON.stringify(body) : null, {
      headers: all,
      tags: { name },
      responseCallback: http.expectedStatuses(expect, ...(patient ? [429] : [])),
    });
  let response = send();
  while (patient && response.status === 429) {
    sleep(Number(response.headers['Retry-After'] ?? 5));
    response = send();
  }
  check(response, { [`${name}: ${expect}`]: ({ status }) => status === expect });
  return response.status === expect ? response.json() : undefined;
}

/** Registers the customers, each with an address; gives them and what the store at that point sells. */
export function setup() {
  const { storeId } = ask('GET', `/location/serviceability?lat=${POINT.lat}&lng=${POINT.lng}`, 'serviceability') ?? {};
  if (!storeId) fail(`no store serves ${POINT.lat}, ${POINT.lng} at ${BASE}: is it up, with the demo city?`);
  const { items } = ask('GET', `/products?storeId=${storeId}&inStock=true&limit=50`, 'list') ?? { items: [] };
  if (items.length === 0) fail('the store sells nothing');
  const customers = [];
  for (let i = 0; i < CUSTOMERS; i++) {
    const body = { email: `${random()}@load.test`, password: random(), firstName: 'Load', lastName: 'Test' };
    const { accessToken: token } =
      ask('POST', '/users/register', 'register', { body, expect: 201, patient: true }) ?? {};
    if (!token) fail('customers cannot be registered');
    const address = {
      label: 'Home',
      line1: '1, 80 Feet Road',
      city: 'Bengaluru',
      state: 'Karnataka',
      postalCode: '560034',
      country: 'IN',
      ...POINT,
    };
    const { id } = ask('POST', '/users/addresses', 'address', { body: address, token, expect: 201 });
    customers.push({ token, addressId: id });
  }
  return { storeId, productIds: items.map(({ id }) => id), customers };
}

function look({ storeId, productIds }, token) {
  ask('GET', `/products?storeId=${storeId}&limit=20`, 'list', { token });
  think(1, 4);
  ask('GET', `/products?q=${encodeURIComponent(any(WORDS))}&storeId=${storeId}`, 'search', { token });
  think(1, 4);
  ask('GET', `/products/${any(productIds)}`, 'product', { token });
  think(1, 6);
}

/** The account of this shopper. A cart is one buyer's at a time; lookers share accounts. */
const account = ({ customers }) => customers[(exec.vu.idInTest - 1) % customers.length];

/** Looks around and leaves. */
export function browse(city) {
  group('browse', () => look(city, account(city).token));
}

/** Looks around, fills the cart, orders, and watches; some cancel. An account is one shopper's at a time. */
export function buy(city) {
  const { token, addressId } = account(city);
  group('buy', () => {
    look(city, token);
    ask('DELETE', '/cart', 'empty cart', { token });
    for (let lines = 0; lines < 3; lines++) {
      ask('PUT', `/cart/items/${any(city.productIds)}`, 'cart', { token, body: { quantity: 1 } });
      think(1, 3);
    }
    const order = ask('POST', '/orders', 'order', {
      token,
      body: { addressId, paymentMethod: 'card', paymentToken: PAYMENT_TOKEN },
      headers: { 'Idempotency-Key': `load-${random()}`, Prefer: 'wait=5' },
      expect: 201,
    });
    if (!order) return think(5, 10);
    ordered.add(1);
    watch(token, order);
  });
}

function watch(token, placed) {
  let order = placed;
  for (let looks = 0; order && order.status === 'pending' && looks < 20; looks++) {
    sleep(0.5);
    order = ask('GET', `/orders/${placed.id}`, 'track', { token });
  }
  confirmed.add(order?.status === 'confirmed');
  if (Math.random() < CANCELLED) ask('POST', `/orders/${placed.id}/cancel`, 'cancel', { token, body: {} });
  think(3, 8);
  ask('GET', `/orders/${placed.id}`, 'track', { token });
}
