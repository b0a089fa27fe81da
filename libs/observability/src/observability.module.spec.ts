import { ConfigModule, Environment } from '@nakku/config';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health.registry.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { ObservabilityModule } from './observability.module.js';

const METRICS_TOKEN = 'a-token-for-the-scraper';

async function boot(): Promise<NestFastifyApplication> {
  const environment = new Environment({ LOG_LEVEL: 'silent', METRICS_TOKEN });
  const module = await Test.createTestingModule({
    imports: [ConfigModule.for(environment), ObservabilityModule.for()],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('an application with ObservabilityModule', () => {
  let app: NestFastifyApplication;
  const get = (url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    app.inject({ method: 'GET', url, headers, remoteAddress });

  beforeEach(async () => {
    app = await boot();
  });

  afterEach(() => app.close());

  it.each(['/health', '/health/live', '/health/ready'])('answers 200 at %s when nothing fails', async (url) => {
    const answer = await get(url);

    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({ status: 'ok', details: {} });
  });

  it('answers 503 with the failing dependency named, and stays alive', async () => {
    app.get(HealthRegistry).add('database', async () => {
      throw new Error('ECONNREFUSED db.internal');
    });
    app.get(HealthRegistry).add('disk', async () => {});

    for (const url of ['/health', '/health/ready']) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toEqual({
        status: 'error',
        details: { database: { status: 'down', message: 'failed' }, disk: { status: 'up' } },
      });
    }
    expect((await get('/health/live')).statusCode).toBe(200);
  });

  it('answers 200 and shows a failing informational dependency', async () => {
    app.get(HealthRegistry).add('redis', () => Promise.reject(new Error('gone')), { informational: true });
    const answer = await get('/health');

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok', details: { redis: { status: 'degraded', message: 'failed' } } });
  });

  it('is not ready while it shuts down', async () => {
    app.get(HealthRegistry).draining();

    expect((await get('/health/ready')).statusCode).toBe(503);
    expect((await get('/health/live')).statusCode).toBe(200);
  });

  it('shows its metrics and those of the process', async () => {
    app.get(Metrics).counter('orders_total', 'Orders').inc(2);
    const answer = await get('/metrics');

    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('orders_total 2');
    expect(answer.body).toContain('nodejs_eventloop_lag_seconds');
  });

  it.each(['127.0.0.1', '::1', '10.1.2.3', '172.20.0.5', '192.168.1.9', '::ffff:10.0.0.1', 'fd00::1'])(
    'shows its metrics to %s',
    async (address) => {
      expect((await get('/metrics', {}, address)).statusCode).toBe(200);
    },
  );

  it.each(['8.8.8.8', '172.32.0.1', '::ffff:8.8.8.8', '2001:db8::1', 'nonsense'])(
    'does not show its metrics to %s',
    async (address) => {
      const answer = await get('/metrics', {}, address);
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'METRICS_FORBIDDEN' });
    },
  );

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])(
    'does not show its metrics to a private peer that forwards (%s)',
    async (name) => {
      expect((await get('/metrics', { [name]: '127.0.0.1' })).statusCode).toBe(403);
    },
  );

  it('shows its metrics to anybody with the token, from anywhere, and to no other token', async () => {
    const show = async (authorization: string) =>
      (await get('/metrics', { authorization, 'x-forwarded-for': '8.8.8.8' }, '8.8.8.8')).statusCode;

    expect(await show(`Bearer ${METRICS_TOKEN}`)).toBe(200);
    expect(await show(`Bearer ${METRICS_TOKEN}x`)).toBe(403);
    expect(await show(METRICS_TOKEN)).toBe(403);
    expect(await show('Bearer undefined')).toBe(403);
  });

  it.each([HealthController, MetricsController])('declares its own routes as public (%#)', (controller) => {
    expect(Reflect.getMetadata('nakku:access', controller)).toEqual(['public']);
  });
});
