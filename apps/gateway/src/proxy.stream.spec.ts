import { request as httpRequest } from 'node:http';
import { eventually, startProcess, type TestProcess } from '@nakku/testing';
import { answer, StandIn, gatewayTo } from './proxy.fixture.js';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

describe('a stream through the gateway', () => {
  const service = new StandIn();
  let gateway: TestProcess;

  beforeAll(async () => {
    await service.start();
    gateway = await startProcess(
      ...gatewayTo({ order: service.url, product: service.url }, { GATEWAY_TIMEOUT_MS: '2000' }),
    );
  });
  afterAll(async () => {
    await gateway?.stop();
    await service.stop();
  });

  const reader = async (path = '/api/v1/orders/7/stream') => {
    const controller = new AbortController();
    const response = await fetch(gateway.url + path, { signal: controller.signal });
    const stream = response.body!.getReader();
    const next = async () => Buffer.from((await stream.read()).value ?? []).toString();
    return { response, next, leave: () => controller.abort() };
  };

  describe('of events', () => {
    const begin = (events: { send?: (text: string) => void; closed?: boolean; end?: () => void }) =>
      service.answers((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        response.flushHeaders();
        response.once('close', () => (events.closed = true));
        events.send = (text) => response.write(text);
        events.end = () => response.end();
      });

    it('begins at once, passes each event as it comes, and lasts longer than a request may', async () => {
      const events: Parameters<typeof begin>[0] = {};
      begin(events);
      const { response, next, leave } = await reader();
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(service.last.headers).not.toHaveProperty('x-nakku-deadline-ms');
      for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
        events.send!(text);
        expect(await next()).toBe(text);
      }
      await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than GATEWAY_TIMEOUT_MS
      events.send!('data: late\n\n');
      expect(await next()).toBe('data: late\n\n');
      leave();
    });

    it('ends at the service when the client leaves', async () => {
      const events: Parameters<typeof begin>[0] = {};
      begin(events);
      const { leave } = await reader();
      leave();
      await eventually('the end of the stream', async () => events.closed);
    });

    it('ends for the client when the service ends it', async () => {
      const events: Parameters<typeof begin>[0] = {};
      begin(events);
      const { next } = await reader();
      events.send!('data: last\n\n');
      expect(await next()).toBe('data: last\n\n');
      events.end!();
      expect(await next()).toBe('');
    });

    it('takes no connection from the others: requests pass though 200 clients listen', async () => {
      begin({});
      const listeners = await Promise.all(Array.from({ length: 200 }, () => reader()));
      service.answers((_request, response) => answer(response, 200, { ok: true }));
      expect((await gateway.http.get('/api/v1/orders')).status).toBe(200);
      for (const { leave } of listeners) leave();
    });

    it('ends when the gateway stops', async () => {
      const other = await startProcess(...gatewayTo({ order: service.url }));
      begin({});
      const response = await fetch(`${other.url}/api/v1/orders/7/stream`);
      const text = response.text();
      await other.stop();
      expect(await text).toBe('');
    });
  });

  describe('upwards', () => {
    /** Sends chunks one by one to a route that takes uploads. */
    const upload = (path = '/api/v1/products/import', headers: Record<string, string> = {}) => {
      let status = 0;
      const request = httpRequest(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', ...headers },
      });
      const answered = new Promise<number>((resolve, reject) => {
        request.on('response', (response) => {
          response.resume();
          resolve((status = response.statusCode!));
        });
        request.on('error', reject);
      });
      answered.catch(() => undefined);
      return { request, answered, status: () => status };
    };

    it('arrives while it is still being sent, and may be longer than other bodies', async () => {
      let seen = 0;
      const { request, answered } = upload();
      const arrived = new Promise<void>((resolve) => {
        void eventually('the first part', async () => service.asked.at(-1)?.body.length).then(() => resolve());
      });
      request.write(CHUNK);
      await arrived;
      for (let i = 0; i < 63; i++)
        if (!request.write(CHUNK)) await new Promise((resume) => request.once('drain', resume));
      service.answers((_request, response, { body }) => {
        seen = body.length;
        answer(response, 200, {});
      });
      request.end();
      expect(await answered).toBe(200);
      expect(seen).toBe(64 * CHUNK.length);
    });

    it('is broken off at the service when the client breaks it off, and speaks not against the service', async () => {
      for (let i = 0; i < 8; i++) {
        const before = service.asked.length;
        const { request } = upload();
        request.write(CHUNK);
        await eventually('the arrival', async () => service.asked.length > before);
        request.destroy();
      }
      await eventually('the end of every upload', async () => service.open <= 1);
      service.answers((_request, response) => answer(response, 200, {}));
      expect((await gateway.http.get('/api/v1/products')).status).toBe(200);
    });

    it('is refused at once when it says that it is far too long', async () => {
      const before = service.asked.length;
      const { request, answered } = upload('/api/v1/products/import', { 'content-length': String(300 * 1024 * 1024) });
      request.write(CHUNK);
      expect(await answered).toBe(413);
      request.destroy();
      expect(service.asked.length).toBe(before);
    });

    it('may wait for 100 Continue, as curl does with long bodies', async () => {
      service.answers((_request, response) => answer(response, 200, {}));
      const { request, answered } = upload('/api/v1/products/import', { expect: '100-continue' });
      request.flushHeaders();
      await new Promise((resolve) => request.once('continue', resolve));
      request.end('sku,name\n');
      expect(await answered).toBe(200);
      expect(service.last).toMatchObject({ body: 'sku,name\n' });
      expect(service.last.headers).not.toHaveProperty('expect');
    });
  });

  it('downwards passes a long answer without keeping it, and a client that leaves ends it', async () => {
    let closed = false;
    let written = 0;
    service.answers((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const more = () => {
        while (!closed && written < 400 && response.write(CHUNK)) written++;
        if (!closed && written < 400) response.once('drain', more);
      };
      response.once('close', () => (closed = true));
      more();
    });
    const { next, leave } = await reader('/api/v1/products/export');
    expect((await next()).length).toBeGreaterThan(0);
    leave();
    await eventually('the end of the answer', async () => closed);
    expect(written).toBeLessThan(400);
  });
});
