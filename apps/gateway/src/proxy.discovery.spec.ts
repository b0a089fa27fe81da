import { ConsulStandIn, eventually, type Registered, startProcess, type TestProcess } from '@nakku/testing';
import { answer, StandIn } from './proxy.fixture.js';
import { gateway } from './index.js';

describe('a gateway that asks Consul where the services are', () => {
  const consul = new ConsulStandIn();
  const [one, two] = [new StandIn(), new StandIn()];
  let edge: TestProcess;

  const copyOf = ({ port }: StandIn, passing = true): Registered => ({
    name: 'order-service',
    address: '127.0.0.1',
    node: '',
    port,
    passing,
  });

  beforeAll(async () => {
    const url = await consul.start();
    for (const service of [await one.start(), await two.start()])
      service.answers((_request, response) => answer(response, 200, { port: service.port }));
    edge = await startProcess([gateway], { LOG_LEVEL: 'silent', CONSUL_URL: url });
  });
  afterAll(async () => {
    await edge?.stop();
    consul.stop();
    await Promise.all([one.stop(), two.stop()]);
  });

  const asked = () => edge.http.get('/api/v1/orders');
  const seen = async () => new Set([await asked(), await asked(), await asked()].map(({ body }) => body.port));

  it('passes requests on to the copies that are well, and follows them', async () => {
    consul.set(copyOf(one), copyOf(two, false));
    expect(await seen()).toEqual(new Set([one.port]));
    consul.set(copyOf(one), copyOf(two));
    await eventually('the second copy', async () => (await seen()).size === 2);
    consul.set(copyOf(one, false), copyOf(two));
    await eventually('the first copy’s leave', async () => (await seen()).size === 1);
    expect(await seen()).toEqual(new Set([two.port]));
  });

  it('says 503 for a service that Consul does not know', async () => {
    expect(await edge.http.get('/api/v1/payments')).toMatchObject({
      status: 503,
      body: { code: 'UNAVAILABLE' },
      headers: { 'retry-after': '1' },
    });
  });

  it('goes on with what it knows while Consul is down', async () => {
    consul.set(copyOf(two));
    await eventually('the copy', async () => (await asked()).status === 200);
    consul.down = true;
    consul.set(); // wakes the question that waits: it fails
    expect((await asked()).status).toBe(200);
    consul.down = false;
  });
});
