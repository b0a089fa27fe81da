import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Access } from '@nakku/auth';
import { settings } from '@nakku/config';
import { LocationApi } from '@nakku/contracts';
import { startProcess, type TestProcess } from '@nakku/testing';
import { z } from 'zod';
import { buildVersion } from './build-info.js';
import { DomainModule } from './domain.module.js';
import { defineDomain } from './domain.js';

@Injectable()
class LonelyService {
  constructor(readonly location: LocationApi) {}
}

@Controller('lonely')
class LonelyController {
  constructor(private readonly service: LonelyService) {}

  @Get()
  @Access('public')
  ask() {
    return this.service.location.serviceability({ lat: 1, lng: 1 });
  }
}

class LonelySettings extends settings({ LONELY_LIMIT: z.coerce.number().int().min(1).max(9).default(1) }) {}

@Module({
  imports: [DomainModule.for({ name: 'order', settings: [LonelySettings] })],
  controllers: [LonelyController],
  providers: [LonelyService],
})
class LonelyModule {}

@Controller('open')
class OpenController {
  @Get()
  anything() {
    return {};
  }
}

@Module({ controllers: [OpenController] })
class OpenModule {}

const unreachable = Object.fromEntries(
  ['USER', 'PRODUCT', 'INVENTORY', 'CART', 'PAYMENT', 'DELIVERY', 'NOTIFICATION', 'LOCATION', 'ANALYTICS'].map(
    (name) => [`${name}_SERVICE_URL`, 'http://127.0.0.1:1'],
  ),
);

describe('a service that runs alone', () => {
  let alone: TestProcess;

  beforeAll(async () => {
    alone = await startProcess([defineDomain({ name: 'order', module: LonelyModule, service: LonelyService })], {
      ...unreachable,
      LOG_LEVEL: 'silent',
    });
  });
  afterAll(() => alone?.stop());

  it('is healthy, and says which peers and that the broker are missing', async () => {
    const { status, body } = await alone.http.get('/health');
    expect(status).toBe(200);
    expect(body.details).toMatchObject({
      'order-database': { status: 'up' },
      'location-service': { status: 'degraded' },
      'event-broker': { status: 'degraded' },
    });
    expect(JSON.stringify(body)).not.toContain('127.0.0.1');
    const peers = Object.keys(body.details).filter((name) => name.endsWith('-service'));
    expect(peers).toEqual(['location-service']); // it calls nobody else
  });

  it('answers 503 with Retry-After where it needs a peer', async () => {
    const answer = await alone.http.get('/api/v1/lonely');
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('mounts its internal routes for services only', async () => {
    expect((await alone.http.post('/internal/order/get', { body: {} })).status).toBe(401);
  });

  it('tells its metrics to a neighbour: requests, outbox, store', async () => {
    const { body } = await alone.http.get('/metrics');
    for (const name of [
      'http_requests_total',
      'http_request_duration_seconds_bucket',
      'nakku_outbox_lag_seconds{domain="order"}',
      'nakku_store_commits{domain="order"}',
      'nakku_store_queued{domain="order"} 0',
      'nakku_dead_letters{domain="order"} 0',
      `nakku_build_info{version="${buildVersion()}",service="order"} 1`,
      'nakku_memory_limit_bytes ',
      'nodejs_eventloop_lag_seconds',
    ]) {
      expect(body).toContain(name);
    }
  });
});

describe('a start', () => {
  it('is refused when a route does not declare who may call it', async () => {
    await expect(
      startProcess([defineDomain({ name: 'gateway', module: OpenModule })], { LOG_LEVEL: 'silent' }),
    ).rejects.toThrow('OpenController.anything');
  });

  it('is refused when a variable is wrong, in one line that names it', async () => {
    await expect(startProcess([], { PORT: 'many' })).rejects.toThrow(
      /^PORT must be an integer from 0 to 65535, but was "many"$/,
    );
  });

  it('names every wrong variable at once, also a domain’s own, before it opens anything', async () => {
    const lonely = defineDomain({ name: 'order', module: LonelyModule, service: LonelyService });
    const started = startProcess([lonely], { PORT: 'many', LONELY_LIMIT: 'ten' });
    await expect(started).rejects.toThrow(
      /^PORT must be .*, but was "many"\nLONELY_LIMIT must be an integer from 1 to 9, but was "ten"$/,
    );
  });

  it('is refused when some reads may come from replicas, and nothing tells this process who wrote in another', async () => {
    const lonely = defineDomain({ name: 'order', module: LonelyModule, service: LonelyService });
    const env = { DB_HOST: '127.0.0.1', DB_USER: 'nobody', DB_REPLICA_HOSTS: '127.0.0.1:3307' };
    await expect(startProcess([lonely], env)).rejects.toThrow(/^REDIS_URL \(or REDIS_CLUSTER_NODES\) must be set/);
  });
});
