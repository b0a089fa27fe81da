// Asks a gateway what a shopper would, before shoppers are sent to it. Run where the gateway can be reached: `node smoke.cjs`, or by blue-green.sh.
// SMOKE_URL (http://127.0.0.1:8080), SMOKE_LAT, SMOKE_LNG, SMOKE_QUERY; with SMOKE_EMAIL and SMOKE_PASSWORD of a customer who has a saved address it
// places an order (SMOKE_PAYMENT, cod) and cancels it: stock and money are as they were.
'use strict';

const { SMOKE_URL = 'http://127.0.0.1:8080', SMOKE_LAT, SMOKE_LNG, SMOKE_QUERY } = process.env;
const { SMOKE_EMAIL, SMOKE_PASSWORD, SMOKE_PAYMENT = 'cod', SMOKE_PAYMENT_TOKEN } = process.env;
const started = Date.now();

/** The answer's body; throws for anything but a success, after a second try where the service says when to come again. */
async function ask(method, path, { token, body, headers = {}, tries = 3 } = {}) {
  const answer = await fetch(SMOKE_URL + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answer.text();
  if (answer.status === 503 && answer.headers.has('retry-after') && tries > 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(5, Number(answer.headers.get('retry-after')))));
    return ask(method, path, { token, body, headers, tries: tries - 1 });
  }
  if (!answer.ok) throw new Error(`${method} ${path.split('?')[0]} answered ${answer.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : undefined;
}

const api = (method, path, options) => ask(method, `/api/v1${path}`, options);

async function browse() {
  const store =
    SMOKE_LAT && SMOKE_LNG
      ? (await api('GET', `/location/serviceability?lat=${SMOKE_LAT}&lng=${SMOKE_LNG}`)).storeId
      : undefined;
  const query = new URLSearchParams({
    ...(SMOKE_QUERY && { q: SMOKE_QUERY }),
    ...(store && { storeId: store, inStock: 'true' }),
  });
  return (await api('GET', `/products?${query}`)).items;
}

async function order(product) {
  const body = { email: SMOKE_EMAIL, password: SMOKE_PASSWORD };
  const { accessToken: token } = await api('POST', '/users/login', { body });
  const [address] = (await api('GET', '/users/addresses', { token })).items;
  if (!address) throw new Error(`${SMOKE_EMAIL} has no saved address: the smoke account needs one in a served zone`);
  await api('DELETE', '/cart', { token }).catch(() => undefined);
  await api('PUT', `/cart/items/${product.id}`, { token, body: { quantity: 1 } });
  const key = `smoke-${started}-${process.pid}`;
  const wanted = { addressId: address.id, paymentMethod: SMOKE_PAYMENT };
  if (SMOKE_PAYMENT_TOKEN) wanted.paymentToken = SMOKE_PAYMENT_TOKEN;
  const headers = { 'idempotency-key': key, prefer: 'wait=10' };
  const { id } = await api('POST', '/orders', { token, body: wanted, headers });
  const confirmed = await settled(id, token, 'pending');
  const reason = 'A test of a new version.';
  await api('POST', `/orders/${id}/cancel`, {
    token,
    body: { reason },
    headers: { 'idempotency-key': `${key}-cancel` },
  });
  if (confirmed !== 'confirmed') throw new Error(`the order ${id} became ${confirmed} and not confirmed`);
  return id;
}

/** The order's status as soon as it is another one than this. */
async function settled(id, token, status) {
  for (let turn = 0; turn < 40; turn++) {
    const now = (await api('GET', `/orders/${id}`, { token })).status;
    if (now !== status) return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return status;
}

async function main() {
  const { status } = await ask('GET', '/health/ready');
  if (status !== 'ok') throw new Error(`the gateway says that it is ${status}`);
  const [product] = await browse();
  const said = [`ready, browsing works (${product ? 'something' : 'nothing'} found)`];
  if (SMOKE_EMAIL && SMOKE_PASSWORD) {
    if (!product) throw new Error('there is nothing to order: set SMOKE_LAT, SMOKE_LNG and SMOKE_QUERY');
    said.push(`order ${await order(product)} was confirmed and cancelled`);
  }
  process.stdout.write(`${said.join('; ')}\n`);
}

main().catch((error) => {
  process.stderr.write(`smoke test: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}\n`);
  process.exitCode = 1;
});
