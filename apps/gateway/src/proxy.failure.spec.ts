import { createServer, type Socket } from 'node:net';
import { eventually, startProcess, type TestProcess } from '@nakku/testing';
import { answer, StandIn, gatewayTo } from './proxy.fixture.js';

const KEY = { 'idempotency-key': 'a-key' };
const GONE = 'http://127.0.0.1:1';

describe('a service that fails', () => {
  const [one, two] = [new StandIn(), new StandIn()];
  let gateway: Promise<TestProcess> | undefined;
  const started: TestProcess[] = [];
  const servers: { close: () => void }[] = [];

  beforeEach(async () => {
    await Promise.all([one.start(), two.start()]);
    for (const service of [one, two]) service.answers((_request, response) => answer(response, 200, { ok: true }));
    gateway = undefined;
  });
  afterEach(async () => {
    for (const process of started.splice(0)) await process.stop();
    for (const server of servers.splice(0)) server.close();
    await Promise.all([one.stop(), two.stop()]);
    for (const service of [one, two]) service.asked.length = 0;
  });

  const begin = async (urls: string[], env: Record<string, string> = {}) => {
    const process = await startProcess(...gatewayTo({ order: urls.join(',') }, env));
    started.push(process);
    return process;
  };
  /** A gateway that knows both copies. */
  const both = () => (gateway ??= begin([one.url, two.url]));
  const get = async (of?: TestProcess) => (of ?? (await both())).http.get('/api/v1/orders');
  const requests = () => one.asked.length + two.asked.length;
  const UNAVAILABLE = {
    status: 503,
    headers: { 'retry-after': '1', 'content-type': 'application/problem+json; charset=utf-8' },
    body: { code: 'UNAVAILABLE', status: 503, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  };

  it('shares its requests with its other copy while both are well', async () => {
    for (let i = 0; i < 10; i++) await get();
    expect([one.asked.length, two.asked.length]).toEqual([5, 5]);
  });

  it('is 503 with Retry-After when it is not there, and tells nothing of where it should be', async () => {
    const answered = await get(await begin([GONE]));
    expect(answered).toMatchObject(UNAVAILABLE);
    expect(JSON.stringify(answered)).not.toMatch(/127\.0\.0\.1:1|ECONN/);
  });

  it.each(['GET', 'POST', 'PATCH'] as const)('refuses connections: its other copy answers every %s', async (method) => {
    await one.stop();
    for (let i = 0; i < 6; i++) {
      const body = method === 'GET' ? undefined : { i };
      const { status } = await (await both()).http[method.toLowerCase() as 'get']('/api/v1/orders', { body });
      expect(status).toBe(200);
      if (body) expect(JSON.parse(two.last.body)).toEqual(body);
    }
  });

  it('refuses connections and is back a moment later: the request waits for it', async () => {
    const alone = await begin([one.url]);
    await one.stop();
    const answered = get(alone);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await one.start();
    expect((await answered).status).toBe(200);
  });

  describe('by breaking off', () => {
    const BREAK = (_request: unknown, response: { destroy: () => void }) => response.destroy();
    beforeEach(() => one.answers(BREAK));

    it.each([
      ['GET', {}],
      ['PUT', {}],
      ['DELETE', {}],
      ['POST', KEY],
    ] as const)('has its other copy answer %s, which does no harm twice', async (method, headers) => {
      for (let i = 0; i < 2; i++)
        expect((await (await both()).http[method.toLowerCase() as 'get']('/api/v1/orders/1', { headers })).status).toBe(
          200,
        );
      expect(one.asked.length).toBeGreaterThan(0);
    });

    it.each(['POST', 'PATCH'] as const)('is asked once to %s, which may have happened', async (method) => {
      two.answers(BREAK);
      const answered = await (await both()).http[method.toLowerCase() as 'post']('/api/v1/orders', { body: {} });
      expect(answered).toMatchObject(UNAVAILABLE);
      expect(answered.body.detail).toContain('may have happened');
      expect(requests()).toBe(1);
    });

    it('is 503 when the answer ends in the middle, never half an answer', async () => {
      for (const service of [one, two])
        service.answers((_request, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100', etag: '"1"' });
          response.write('{"half":');
          setImmediate(() => response.destroy());
        });
      const answered = await (await both()).http.post('/api/v1/orders', { body: {} });
      expect(answered).toMatchObject(UNAVAILABLE);
      expect(answered.headers).not.toHaveProperty('etag');
    });

    it('is cut off for the client too when a long answer ends in the middle', async () => {
      for (const service of [one, two])
        service.answers((_request, response) => {
          response.writeHead(200, { 'content-type': 'text/plain' });
          response.write('x'.repeat(100_000), () => response.destroy());
        });
      const response = await fetch(`${(await both()).url}/api/v1/orders`);
      await expect(response.text()).rejects.toThrow();
    });
  });

  it.each([
    ['no HTTP', 'I am no HTTP server\r\n\r\n'],
    ['a status that there is not', 'HTTP/1.1 999 Strange\r\ncontent-length: 2\r\n\r\n{}'],
    ['a header that nobody may send', 'HTTP/1.1 200 OK\r\nx-bad: a\u0001b\r\ncontent-length: 2\r\n\r\n{}'],
    ['far too many headers', `HTTP/1.1 200 OK\r\n${'x-long: '.padEnd(1000, 'y')}\r\n`.repeat(40)],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['nothing', ''],
  ])('talks rubbish (%s): 503', async (_, text) => {
    const rubbish = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(text));
    });
    servers.push(rubbish);
    await new Promise<void>((listening) => rubbish.listen(0, '127.0.0.1', listening));
    const { port } = rubbish.address() as { port: number };
    const alone = await begin([`http://127.0.0.1:${port}`]);
    expect(await alone.http.post('/api/v1/orders', { body: {} })).toMatchObject(UNAVAILABLE);
    expect((await alone.http.get('/health/live')).status).toBe(200);
  });

  it.each([502, 504])('has something before it that answers %i in its place: 503', async (status) => {
    for (const service of [one, two]) service.answers((_request, response) => response.writeHead(status).end('<html>'));
    expect(await get()).toMatchObject(UNAVAILABLE);
  });

  it('says itself that it cannot: its own words, with Retry-After in any case', async () => {
    for (const service of [one, two])
      service.answers((_request, response) => answer(response, 503, { code: 'DATABASE_UNAVAILABLE' }));
    expect(await get()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'DATABASE_UNAVAILABLE' },
    });
    expect(requests()).toBe(1);
  });

  it('is stopping: what it did not take goes to its other copy, and so does what comes after', async () => {
    one.answers((_request, response) => answer(response, 503, {}, { connection: 'close' }));
    for (let i = 0; i < 6; i++) expect((await get()).status).toBe(200);
    expect(one.asked.length).toBeLessThanOrEqual(2);
  });

  describe('by being slow', () => {
    const never = () => undefined;

    it('is 503 when the time is over, also for what would do no harm twice', async () => {
      const hasty = await begin([one.url], { GATEWAY_TIMEOUT_MS: '300' });
      one.answers(never);
      const startedAt = Date.now();
      const answered = await get(hasty);
      expect(answered).toMatchObject(UNAVAILABLE);
      expect(answered.body.detail).toContain('in time');
      expect(Date.now() - startedAt).toBeLessThan(2000);
      expect(one.asked.length).toBe(1);
      await eventually('the end of the request at the service', async () => one.open === 0);
    });

    it('is told how much time is left', async () => {
      const hasty = await begin([one.url], { GATEWAY_TIMEOUT_MS: '5000' });
      await get(hasty);
      const left = Number(one.last.headers['x-nakku-deadline-ms']);
      expect(left).toBeGreaterThan(4000);
      expect(left).toBeLessThanOrEqual(5000);
    });

    it('is told how little is left when it is asked again', async () => {
      const slow = await begin([one.url, two.url], { GATEWAY_TIMEOUT_MS: '5000' });
      for (const service of [one, two])
        service.answers((_request, response) => {
          if (requests() === 1) setTimeout(() => response.destroy(), 300);
          else answer(response, 200, {});
        });
      expect((await get(slow)).status).toBe(200);
      const told = [one, two].flatMap(({ asked }) =>
        asked.map(({ headers }) => Number(headers['x-nakku-deadline-ms'])),
      );
      expect(Math.max(...told) - Math.min(...told)).toBeGreaterThanOrEqual(290);
    });

    it('is no longer asked when the client has gone', async () => {
      for (const service of [one, two]) service.answers(never);
      const controller = new AbortController();
      const asking = fetch(`${(await both()).url}/api/v1/orders`, { signal: controller.signal }).catch(() => undefined);
      await eventually('the request', async () => requests() === 1);
      controller.abort();
      await asking;
      await eventually('the end of the request at the service', async () => one.open + two.open === 0);
    });
  });

  it('is left alone when it has failed again and again, then tried by one request, and used again when that succeeds', async () => {
    const alone = await begin([one.url]);
    let broken = true;
    one.answers((_request, response) => (broken ? response.destroy() : answer(response, 200, {})));
    const failing = await Promise.all(
      Array.from({ length: 20 }, () => alone.http.post('/api/v1/orders', { body: {} })),
    );
    expect(failing.map(({ status }) => status)).toEqual(Array(20).fill(503));
    const asked = one.asked.length;
    for (let i = 0; i < 10; i++)
      expect(await alone.http.post('/api/v1/orders', { body: {} })).toMatchObject(UNAVAILABLE);
    expect(one.asked.length).toBe(asked);

    broken = false;
    await eventually(
      'the recovery',
      async () => (await alone.http.post('/api/v1/orders', { body: {} })).status === 200,
    );
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(alone)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('gets at most a fifth more requests by being asked again', async () => {
    // Never five failures in a row: the circuit stays closed, and only the budget holds back.
    let count = 0;
    const alone = await begin([one.url]);
    one.answers((_request, response) => (++count % 2 ? response.destroy() : answer(response, 200, {})));
    const wanted = 200;
    for (let i = 0; i < wanted; i++) await get(alone);
    expect(one.asked.length).toBeGreaterThan(wanted);
    expect(one.asked.length).toBeLessThanOrEqual(wanted * 1.2 + 11);
    const repeated = `nakku_upstream_repeated{service="order"} ${one.asked.length - wanted}`;
    expect((await alone.http.get('/metrics')).body).toContain(repeated);
  });

  it('still works on what was sent twice: 503, as the client did not ask twice', async () => {
    let count = 0;
    for (const service of [one, two])
      service.answers((_request, response) =>
        ++count === 1
          ? response.destroy()
          : answer(response, 409, { code: 'IDEMPOTENCY_KEY_IN_PROGRESS' }, { 'retry-after': '7' }),
      );
    const answered = await (await both()).http.post('/api/v1/orders', { body: {}, headers: KEY });
    expect(answered).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, body: { code: 'UNAVAILABLE' } });
    const again = await (await both()).http.post('/api/v1/orders', { body: {}, headers: KEY });
    expect(again).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_IN_PROGRESS' } });
  });

  it('is named by the gateway’s health, which stays good', async () => {
    await Promise.all([one.stop(), two.stop()]);
    const { status, body } = await (await both()).http.get('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', details: { 'order-service': { status: 'degraded' } } });
  });
});
