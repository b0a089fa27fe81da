import { request as httpRequest } from 'node:http';
import { startProcess, type TestProcess } from '@nakku/testing';
import { answer, StandIn, gatewayTo, tokenOf, tokens } from './proxy.fixture.js';

describe('a request for a service that runs elsewhere', () => {
  const orders = new StandIn();
  let gateway: TestProcess;

  beforeAll(async () => {
    await orders.start();
    gateway = await startProcess(
      ...gatewayTo({ order: orders.url, user: orders.url, product: orders.url, location: orders.url }),
    );
  });
  afterAll(async () => {
    await gateway?.stop();
    await orders.stop();
  });
  beforeEach(() => orders.answers((_request, response) => answer(response, 200, { ok: true })));

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)(
    'arrives as it was sent: %s, its path, query and body; and so does the answer',
    async (method) => {
      orders.answers((_request, response) =>
        answer(response, 207, { hello: 'there' }, { etag: '"7"', 'x-cart-token': 't' }),
      );
      const url = '/api/v1/orders/7/items?from=a%20b&to=%2F&to=ü';
      const body = method === 'GET' ? undefined : { note: 'çà va', list: [1, 2] };
      const answered = await gateway.http[method.toLowerCase() as 'get'](url, { body, headers: { 'x-custom': 'yes' } });

      expect(answered).toMatchObject({
        status: 207,
        body: { hello: 'there' },
        headers: { etag: '"7"', 'x-cart-token': 't' },
      });
      expect(orders.last).toMatchObject({ method, url: '/api/v1/orders/7/items?from=a%20b&to=%2F&to=%C3%BC' });
      expect(orders.last.headers).toMatchObject({ 'x-custom': 'yes', host: new URL(orders.url).host });
      expect(orders.last.body && JSON.parse(orders.last.body)).toEqual(body ?? '');
    },
  );

  it('keeps the bytes of a body that is no JSON, with its type', async () => {
    await gateway.http.post('/api/v1/orders', {
      body: '{"a" :1,}',
      headers: { 'content-type': 'text/csv; charset=x' },
    });
    expect(orders.last).toMatchObject({ body: '{"a" :1,}', headers: { 'content-type': 'text/csv; charset=x' } });
    await gateway.http.post('/api/v1/orders', { body: '{"broken', headers: { 'content-type': 'application/json' } });
    expect(orders.last.body).toBe('{"broken');
  });

  it('may have no body', async () => {
    const { status } = await gateway.http.post('/api/v1/orders/7/cancel');
    expect(status).toBe(200);
    expect(orders.last).toMatchObject({ method: 'POST', body: '' });
  });

  it.each([
    [
      '/api/v1/users',
      '/api/v1/users/profile',
      '/.well-known/jwks.json',
      '/api/v1/categories',
      '/api/v1/location/zones',
    ],
  ])('finds the service by the path', async (...paths) => {
    for (const path of paths) {
      await gateway.http.get(path);
      expect(orders.last.url).toBe(path);
    }
  });

  it.each([
    '/api/v1/ordersandmore',
    '/api/v1/nothing',
    '/api/v1',
    '/internal/order/get',
    '/orders',
    '/.well-known/other',
    '/api/v1/orders/../../../internal/order/get',
    '/api/v1/orders/..%2f..%2f..%2finternal/order/get',
    '/api/v1/orders/%2e%2e/%2e%2e/%2e%2e/metrics',
  ])('goes nowhere else: %s', async (path) => {
    const before = orders.asked.length;
    const status = await rawStatus(gateway.url, path);
    expect([400, 404]).toContain(status);
    expect(orders.asked.length).toBe(before);
  });

  it('is answered with the gateway’s own health and metrics, never a service’s', async () => {
    const before = orders.asked.filter(({ url }) => url !== '/health/live').length;
    expect((await gateway.http.get('/health')).body.details).toHaveProperty('order-service');
    expect((await gateway.http.get('/metrics')).body).toContain('http_requests_total');
    expect(orders.asked.filter(({ url }) => url !== '/health/live').length).toBe(before);
  });

  it('answers HEAD with the head alone', async () => {
    orders.answers((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '11' });
      response.end(request.method === 'HEAD' ? undefined : '{"ok":true}');
    });
    const answered = await fetch(`${gateway.url}/api/v1/orders`, { method: 'HEAD' });
    expect([answered.status, answered.headers.get('content-length'), await answered.text()]).toEqual([200, '11', '']);
  });

  it.each([204, 304])('passes on %i, which has no body', async (status) => {
    orders.answers((_request, response) => response.writeHead(status, { etag: '"1"' }).end());
    const answered = await gateway.http.get('/api/v1/orders');
    expect(answered).toMatchObject({ status, body: undefined, headers: { etag: '"1"' } });
  });

  it('is refused when its body is over 1 MiB, whether it says so or not', async () => {
    const before = orders.asked.length;
    const body = JSON.stringify({ text: 'x'.repeat(1_100_000) });
    const said = await gateway.http.post('/api/v1/orders', { body });
    expect(said).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(body));
        controller.close();
      },
    });
    const unsaid = await fetch(`${gateway.url}/api/v1/orders`, {
      method: 'POST',
      body: chunks,
      duplex: 'half',
    } as object);
    expect(unsaid.status).toBe(413);
    expect(orders.asked.length).toBe(before);
  });

  describe('with a token', () => {
    it('is refused at once when it is none of ours or has expired', async () => {
      const before = orders.asked.length;
      const service = await tokens.signService('order');
      for (const as of ['rubbish', service])
        expect(await gateway.http.get('/api/v1/orders', { as })).toMatchObject({
          status: 401,
          body: { code: 'TOKEN_INVALID' },
        });
      expect(orders.asked.length).toBe(before);
    });

    it('passes with a good one, which the service checks again', async () => {
      const as = await tokenOf();
      expect((await gateway.http.get('/api/v1/orders', { as })).status).toBe(200);
      expect(orders.last.headers.authorization).toBe(`Bearer ${as}`);
    });

    it('passes with any on a route that takes everybody: a refresh must not fail for the token that it replaces', async () => {
      for (const [verb, path] of [
        ['post', '/api/v1/users/token/refresh'],
        ['get', '/api/v1/products/7'],
      ] as const) {
        expect((await gateway.http[verb](path, { as: 'stale' })).status).toBe(200);
        expect(orders.last.url).toBe(path);
      }
      expect((await gateway.http.patch('/api/v1/products/7', { as: 'stale', body: {} })).status).toBe(401);
    });
  });
});

/** A request whose path nobody tidies up on the way. */
const rawStatus = (url: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    httpRequest({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
