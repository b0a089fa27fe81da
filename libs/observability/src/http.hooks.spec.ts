import { FastifyAdapter } from '@nestjs/platform-fastify';
import { activeContext, currentContext } from './context.js';
import { bindContext, logRequests, observeHttp, type Fastify } from './http.hooks.js';
import { createLogger } from './logger.js';
import { Metrics } from './metrics.js';

describe('the HTTP hooks', () => {
  let fastify: Fastify;
  let metrics: Metrics;
  let lines: string[];

  beforeEach(() => {
    fastify = new FastifyAdapter().getInstance();
    metrics = new Metrics();
    lines = [];
    bindContext(fastify);
    observeHttp(fastify, metrics);
    fastify.get('/items/:id', async () => currentContext());
    fastify.post('/items', async (request) => ({ body: request.body, context: activeContext() }));
    fastify.get('/broken', async (_request, reply) => reply.status(503).send({}));
  });

  afterEach(() => fastify.close());

  const log = (level: 'info' | 'debug') =>
    logRequests(
      fastify,
      createLogger({ LOG_LEVEL: level, LOG_FORMAT: 'json' }, { write: (line) => void lines.push(line) }),
    );

  const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('keep a well-formed request id and trace, in the context and in the answer', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await fastify.inject({ url: '/items/1', headers: { 'x-request-id': 'my.request-1', traceparent } });

    expect(answer.headers['x-request-id']).toBe('my.request-1');
    expect(answer.json()).toEqual({ requestId: 'my.request-1', traceparent });
  });

  it('make a request id for a request that has none, also when no route answers it', async () => {
    const answer = await fastify.inject({ url: '/nowhere', headers: { 'x-request-id': 'no spaces allowed' } });

    expect(answer.statusCode).toBe(404);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep the context of a request with a body, over a real socket and under concurrency', async () => {
    const address = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const send = async (index: number) => {
      const headers = { 'content-type': 'application/json', 'x-request-id': `request-${index}` };
      const body = JSON.stringify({ index, filler: 'x'.repeat(100_000) });
      const answer = await fetch(`${address}/items`, { method: 'POST', headers, body });
      return (await answer.json()) as { body: { index: number }; context?: { requestId: string } };
    };

    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => send(index)));

    for (const { body, context } of answers) expect(context?.requestId).toBe(`request-${body.index}`);
  });

  it('count requests by the pattern of the route and not by the url', async () => {
    await fastify.inject('/items/1');
    await fastify.inject('/items/2');

    const text = await metrics.registry.metrics();
    expect(text).toContain('http_requests_total{method="GET",route="/items/:id",status="200"} 2');
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/items/:id",status="200"} 2');
    expect(text).not.toContain('/items/1');
  });

  it('count every path without a route as unmatched, so that a scanner cannot make a thousand series', async () => {
    await fastify.inject('/wp-admin');
    await fastify.inject('/.env');

    const text = await metrics.registry.metrics();
    expect(text).toContain('http_requests_total{method="GET",route="unmatched",status="404"} 2');
  });

  it('log a failed request as a warning with its request id and without its query', async () => {
    log('info');
    await fastify.inject({ url: '/broken?token=abc', headers: { 'x-request-id': 'request-1' } });

    expect(logged()).toMatchObject([
      { level: 'warn', method: 'GET', path: '/broken', status: 503, requestId: 'request-1' },
    ]);
    expect(lines.join()).not.toContain('abc');
  });

  it('log no ordinary request at level info', async () => {
    log('info');
    await fastify.inject('/items/1');

    expect(lines).toEqual([]);
  });

  it('log a request that took more than a second as a warning', async () => {
    log('info');
    fastify.get('/slow', async () => new Promise((resolve) => setTimeout(() => resolve({}), 1050)));
    await fastify.inject('/slow');

    expect(logged()).toMatchObject([{ level: 'warn', path: '/slow', status: 200 }]);
  });

  it('log every request at level debug', async () => {
    log('debug');
    await fastify.inject('/items/1');

    expect(logged()).toMatchObject([{ level: 'debug', path: '/items/1', status: 200 }]);
  });
});
