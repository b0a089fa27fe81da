import { Logger } from '@nestjs/common';
import { describeWith, eventually, type OwnServer, ownServer, type RedisServer } from '@nakku/testing';
import type { Cache } from './cache.js';
import { Deployment, impatient, Wire } from './redis.fixture.js';

const TTL = 60_000;

describeWith(['redis'], 'A cache whose Redis comes and goes', () => {
  let server: RedisServer & OwnServer;
  let deployment: Deployment;

  beforeAll(async () => (server = await ownServer('redis')));
  afterAll(() => server.remove());

  beforeEach(async () => {
    for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
    deployment = new Deployment({ ...server.env, ...impatient });
  });

  afterEach(async () => {
    await deployment.close();
    await server.start();
    jest.restoreAllMocks();
  });

  it('answers right and fast all the time', async () => {
    const { cache, redis } = await deployment.cache();
    const source = { value: 0 };
    const waits: number[] = [];
    const change = async () => {
      source.value++;
      await cache.delete('number:1');
      const start = performance.now();
      for (let index = 0; index < 20; index++) {
        expect(await cache.wrap('number:1', TTL, async () => source.value)).toBe(source.value);
        expect(await cache.wrap(`number:${source.value}:${index}`, TTL, async () => index)).toBe(index);
      }
      waits.push(performance.now() - start);
    };
    await change();
    await server.stop('SIGKILL');
    await change();
    await eventually('the connection is known to be lost', async () => !redis.up, 2000);
    await change();
    const later = performance.now() + 1200;
    while (performance.now() < later) await change();
    await server.start();
    await eventually('Redis is used again', async () => redis.up, 5000);
    await change();

    // Were each of the commands waited for, each of these changes would take ten seconds.
    expect(Math.max(...waits)).toBeLessThan(2500);
  });

  it('answers while Redis hangs, after one wait', async () => {
    const { cache } = await deployment.cache();
    await server.stop('SIGSTOP');
    const start = performance.now();
    for (let index = 0; index < 100; index++) await cache.wrap(`number:${index}`, TTL, async () => index);
    const took = performance.now() - start;
    await server.start();

    expect(took).toBeLessThan(2500);
  });

  it('loads once for all callers of a process while Redis is gone, and remembers it for a moment', async () => {
    const { cache, redis } = await deployment.cache();
    await server.stop('SIGKILL');
    await eventually('it is gone', async () => !redis.up, 2000);
    const load = jest.fn(async () => 'apple');
    await Promise.all(Array.from({ length: 100 }, () => cache.wrap('product:1', TTL, load)));
    await cache.wrap('product:1', TTL, load);

    expect(load).toHaveBeenCalledTimes(1);
  });

  it('does not trust its memory for long while it cannot hear of deletions', async () => {
    const wire = await Wire.to(server);
    const { cache: other } = await deployment.cache();
    const { cache, redis } = await deployment.cache({ env: wire.env });
    await other.set('product:1', 'old', TTL);
    expect(await cache.get('product:1')).toBe('old');
    wire.cut();
    await eventually('it is cut off', async () => !redis.up, 2000);
    await other.set('product:1', 'new', TTL);
    await cache.wrap('product:1', TTL, async () => 'from the database');
    await eventually('it asks again', async () => (await cache.get('product:1')) === undefined, 2000);
    wire.mend();
    await eventually('it has the new one', async () => (await cache.get('product:1')) === 'new', 5000);
    wire.close();
  });

  it.each([
    ['delete', (cache: Cache) => cache.delete('product:1')],
    ['deletePrefix', (cache: Cache) => cache.deletePrefix('product:')],
  ])('makes good, when it is back, the %s of the time when it was cut off', async (_call, forget) => {
    const wire = await Wire.to(server);
    const { cache: other } = await deployment.cache();
    const { cache, redis } = await deployment.cache({ env: wire.env });
    await other.set('product:1', 'old', TTL);
    wire.cut();
    await eventually('it is cut off', async () => !redis.up, 2000);
    await forget(cache);
    expect(await cache.get('product:1')).toBeUndefined();
    expect(await other.get('product:1')).toBe('old');
    wire.mend();

    await eventually('the other forgets', async () => (await other.get('product:1')) === undefined, 5000);
    expect(await cache.get('product:1')).toBeUndefined();
    wire.close();
  });

  it('does not keep what it began to load before Redis lost its memory', async () => {
    const { cache, redis } = await deployment.cache({ deaf: true });
    const { cache: other, redis: otherRedis } = await deployment.cache();
    let answer: (value: string) => void = () => undefined;
    const loading = jest.fn(() => new Promise<string>((resolve) => (answer = resolve)));
    const before = cache.wrap('product:1', TTL, loading);
    await eventually('the load has begun', async () => loading.mock.calls.length > 0);
    await other.delete('product:1');
    await server.stop('SIGKILL');
    await eventually('it is gone', async () => !redis.up && !otherRedis.up, 2000);
    await server.start();
    await eventually('it is back', async () => redis.up && otherRedis.up, 5000);
    answer('old');
    await before;
    await redis.client?.get('after what was sent before');

    expect(await other.get('product:1')).toBeUndefined();
  });

  it('hears of deletions again after its subscription was lost', async () => {
    const { cache, redis } = await deployment.cache();
    await server.stop('SIGKILL');
    await eventually('it is gone', async () => !redis.up, 2000);
    await server.start();
    const { cache: other } = await deployment.cache();
    const heard = async () => {
      await cache.set('product:1', 'old', TTL);
      await other.delete('product:1');
      const gone = eventually('it is gone', async () => (await cache.get('product:1')) === undefined, 300);
      return gone.catch(() => false);
    };
    await eventually('a deletion is heard of at once', heard, 10_000);
  });
});

describeWith(['redisCluster'], 'A cache whose Redis cluster loses a node', () => {
  it('answers right and in time, and shares again when the node is back', async () => {
    for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
    const server = await ownServer('redisCluster');
    const deployment = new Deployment({ ...server.env, ...impatient });
    const [{ cache: one }, { cache: two }] = [await deployment.cache(), await deployment.cache()];
    const answers = async (round: number) => {
      const keys = Array.from({ length: 12 }, (_, index) => `number:${round}:${index}`);
      const start = performance.now();
      for (const key of keys) expect(await one.wrap(key, TTL, async () => key)).toBe(key);
      for (const key of keys) await one.delete(key);
      for (const key of keys) expect(await one.wrap(key, TTL, async () => 'new')).toBe('new');
      return performance.now() - start;
    };
    await answers(0);
    await server.nodes[0]?.stop('SIGKILL');
    const waits = [await answers(1), await answers(2), await answers(3)];
    await server.nodes[0]?.start();
    const shared = async (index: number) => {
      await one.set(`back:${index}`, index, TTL);
      return (await two.get(`back:${index}`)) === index;
    };
    for (let index = 0; index < 12; index++) await eventually('every key is shared again', () => shared(index), 15_000);

    // 36 commands of which each may wait for 250 ms take nine seconds.
    expect(Math.max(...waits)).toBeLessThan(4000);
    await deployment.close();
    await server.remove();
    jest.restoreAllMocks();
  });
});
