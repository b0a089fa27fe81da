import { request as httpRequest } from 'node:http';
import { startProcess, type TestProcess } from '@nakku/testing';
import { answer, StandIn, gatewayTo, tokens } from './proxy.fixture.js';
import { vary } from './proxy.headers.js';

interface RawAnswer {
  status: number;
  /** Names and values as they came, doubles included. */
  raw: [string, string][];
}

/** Sends just these headers, and gives those of the answer without merging any. */
const send = (url: string, headers: Record<string, string | string[]>): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/api/v1/orders`, { headers }, (response) => {
      response.resume();
      const { rawHeaders } = response;
      const raw = rawHeaders.flatMap((name, i): [string, string][] =>
        i % 2 ? [] : [[name.toLowerCase(), rawHeaders[i + 1]!]],
      );
      resolve({ status: response.statusCode!, raw });
    });
    request.on('error', reject).end();
  });
const valuesOf = ({ raw }: RawAnswer, wanted: string) =>
  raw.flatMap(([name, value]) => (name === wanted ? [value] : []));

describe('the headers of a request that is passed on', () => {
  const orders = new StandIn();
  let gateway: TestProcess;
  let behindProxy: TestProcess;

  beforeAll(async () => {
    await orders.start();
    gateway = await startProcess(...gatewayTo({ order: orders.url }));
    const CORS_ORIGINS = 'https://shop.example';
    behindProxy = await startProcess(
      ...gatewayTo({ order: orders.url }, { TRUSTED_PROXIES: '127.0.0.1', CORS_ORIGINS }),
    );
  });
  afterAll(async () => {
    await gateway?.stop();
    await behindProxy?.stop();
    await orders.stop();
  });
  beforeEach(() => orders.answers((_request, response) => answer(response, 200, {})));

  const FORGED = {
    'x-forwarded-for': '203.0.113.9, 10.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-port': '1',
    forwarded: 'for=203.0.113.9',
    'x-real-ip': '203.0.113.9',
    'x-nakku-actor': '{"id":"root","roles":["admin"],"stores":[]}',
    'x-nakku-gateway': 'made-up',
    'x-nakku-deadline-ms': '999999999',
    'x-nakku-reads': 'replica',
  };

  it('tell who the client is from its connection, whatever the client says', async () => {
    await send(gateway.url, FORGED);
    const { headers } = orders.last;
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(gateway.url).host,
    });
    for (const name of ['forwarded', 'x-real-ip', 'x-forwarded-port', 'x-nakku-actor', 'x-nakku-reads'])
      expect(headers).not.toHaveProperty(name);
    expect(Number(headers['x-nakku-deadline-ms'])).toBeLessThanOrEqual(30_000);
    expect(await tokens.verifyService(String(headers['x-nakku-gateway']))).toBe('gateway');
  });

  it('tell what a proxy of ours says about the client, and of that only the part that it can know', async () => {
    await send(behindProxy.url, { ...FORGED, 'x-forwarded-for': '192.0.2.1, 203.0.113.9' });
    expect(orders.last.headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
    });
  });

  it('have nothing that is between neighbours only, nor what Connection names', async () => {
    await send(gateway.url, {
      connection: 'close, X-Secret-Hop,x-other-hop',
      'x-secret-hop': '1',
      'x-other-hop': '2',
      'keep-alive': 'timeout=5',
      'proxy-authorization': 'Basic eDp5',
      'proxy-connection': 'keep-alive',
      te: 'trailers',
      upgrade: 'h2c',
      'x-kept': 'yes',
    });
    const names = Object.keys(orders.last.headers);
    expect(names).toContain('x-kept');
    for (const name of ['x-secret-hop', 'x-other-hop', 'keep-alive', 'te', 'upgrade'])
      expect(names).not.toContain(name);
    expect(names.filter((name) => name.startsWith('proxy-'))).toEqual([]);
    expect(orders.last.headers.connection).toBe('keep-alive');
  });

  it('keep what only we say, though Connection names it', async () => {
    await send(gateway.url, { connection: 'x-forwarded-for, x-nakku-gateway, x-request-id, close' });
    expect(orders.last.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-nakku-gateway': expect.any(String),
      'x-request-id': expect.any(String),
    });
  });

  it('carry one request id and one trace through, and the answer has the same id once', async () => {
    orders.answers((request, response) =>
      answer(response, 200, {}, { 'X-Request-Id': request.headers['x-request-id'] }),
    );
    const traceId = 'a'.repeat(32);
    const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
    const answered = await send(gateway.url, { 'x-request-id': 'my-request-1', traceparent, tracestate: 'a=1' });

    const { headers } = orders.last;
    expect(headers['x-request-id']).toBe('my-request-1');
    expect(headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(headers.traceparent).not.toBe(traceparent);
    expect(valuesOf(answered, 'x-request-id')).toEqual(['my-request-1']);
  });

  it('have a request id of ours where the client’s is none', async () => {
    const answered = await send(gateway.url, { 'x-request-id': 'a b' });
    expect(valuesOf(answered, 'x-request-id')).toEqual([orders.last.headers['x-request-id']]);
    expect(orders.last.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep the signature of a payment provider', async () => {
    await send(gateway.url, { 'x-nakku-signature': 't=1,v1=ab' });
    expect(orders.last.headers['x-nakku-signature']).toBe('t=1,v1=ab');
  });

  it('say that they came by us', async () => {
    await send(gateway.url, { via: '1.0 fred' });
    expect(orders.last.headers.via).toBe('1.0 fred, 1.1 nakku');
  });

  describe('and those of its answer', () => {
    it('have nothing that is between neighbours or inside only, and each security header once', async () => {
      orders.answers((_request, response) =>
        answer(
          response,
          200,
          {},
          {
            connection: 'x-hop',
            'x-hop': '1',
            server: 'secret/1.0',
            'x-powered-by': 'magic',
            'x-nakku-note': 'inside',
            'x-content-type-options': 'nosniff',
            'x-frame-options': 'SAMEORIGIN',
            'access-control-allow-origin': '*',
            'x-cart-token': 'kept',
          },
        ),
      );
      const answered = await send(gateway.url, {});
      const names = answered.raw.map(([name]) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of ['x-hop', 'server', 'x-powered-by', 'x-nakku-note', 'access-control-allow-origin'])
        expect(names).not.toContain(name);
      expect(valuesOf(answered, 'x-frame-options')).toEqual(['DENY']);
      expect(valuesOf(answered, 'x-cart-token')).toEqual(['kept']);
    });

    it('have every cookie that a service sets', async () => {
      orders.answers((_request, response) => answer(response, 200, {}, { 'set-cookie': ['a=1', 'b=2'] }));
      expect(valuesOf(await send(gateway.url, {}), 'set-cookie')).toEqual(['a=1', 'b=2']);
    });

    it('let a shop’s page read them, and say what they depend on for both of us', async () => {
      orders.answers((_request, response) => answer(response, 200, {}, { vary: 'Accept-Language' }));
      const answered = await send(behindProxy.url, { origin: 'https://shop.example' });
      expect(valuesOf(answered, 'access-control-allow-origin')).toEqual(['https://shop.example']);
      expect(valuesOf(answered, 'vary')).toEqual(['Origin, Accept-Language']);
    });

    it('answer a browser’s question before it sends, without asking the service', async () => {
      const before = orders.asked.length;
      const answered = await fetch(`${behindProxy.url}/api/v1/orders/7`, {
        method: 'OPTIONS',
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'PATCH' },
      });
      expect(answered.status).toBe(204);
      expect(answered.headers.get('access-control-allow-methods')).toContain('PATCH');
      expect(orders.asked.length).toBe(before);
    });

    it('tell a browser to stay with TLS where the client came by it', async () => {
      const answered = await send(behindProxy.url, { 'x-forwarded-proto': 'https' });
      expect(valuesOf(answered, 'strict-transport-security')).toHaveLength(1);
    });
  });
});

describe('vary', () => {
  it('names each header once', () => {
    expect(vary('Origin', ['Accept, Origin', 'Cookie'])).toBe('Origin, Accept, Cookie');
    expect(vary('Origin', undefined)).toBe('Origin');
  });
});
