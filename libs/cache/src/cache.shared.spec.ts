import { describeWith, eventually } from '@nakku/testing';
import type { Cache } from './cache.js';
import { Deployment } from './redis.fixture.js';

const TTL = 60_000;
const never = async (): Promise<never> => {
  throw new Error('it should have been found');
};

function gate<T>() {
  let open: (value: T) => void = () => {};
  const closed = new Promise<T>((resolve) => (open = resolve));
  return { closed, open };
}

describe.each(['redis', 'redisCluster'] as const)('Caches of several processes', (server) => {
  describeWith([server], `on ${server}`, (servers) => {
    let deployment: Deployment;
    let one: Cache;
    let two: Cache;

    beforeEach(async () => {
      deployment = new Deployment(servers[server].env);
      [one, two] = [(await deployment.cache()).cache, (await deployment.cache()).cache];
    });
    afterEach(() => deployment.close());

    /** A process that has nothing in memory: it finds what is in Redis. */
    const another = async () => (await deployment.cache()).cache;
    const found = async (key: string) => (await another()).get(key);
    const kept = async (key: string, value: unknown) => {
      const reader = await another();
      await eventually(`${key} is in Redis`, async () => (await reader.get(key)) !== undefined);
      return value;
    };

    it('load a value once for all', async () => {
      await one.wrap('product:1', TTL, async () => ({ name: 'apple', tags: ['red', null] }));
      await kept('product:1', 'apple');

      expect(await two.wrap('product:1', TTL, never)).toEqual({ name: 'apple', tags: ['red', null] });
    });

    it.each([
      null,
      undefined,
      0,
      '',
      false,
      ':text',
      '_function_f|() => 1',
      '_date_2020',
      '_undefined_',
      { a: '_date_1' },
    ])('give the value %p back as it was', async (value) => {
      await one.set('odd:value', { value }, TTL);
      await one.set('odd:itself', value, TTL);

      expect(await two.get('odd:value')).toEqual(value === undefined ? {} : { value });
      expect(await two.wrap('odd:itself', TTL, never)).toEqual(value);
    });

    it('answer from memory what they have found in Redis once', async () => {
      await one.set('product:1', { name: 'apple' }, TTL);
      const value = await two.get('product:1');

      expect(await two.get('product:1')).toBe(value);
    });

    it('keep a value for no longer than it was to be kept', async () => {
      await one.set('product:1', 'apple', 300);
      expect(await two.wrap('product:1', TTL, never)).toBe('apple');
      await eventually('it has lapsed', async () => (await two.get('product:1')) === undefined, 2000);

      expect(await found('product:1')).toBeUndefined();
    });

    it.each([
      ['delete', (cache: Cache) => cache.delete('product:stock:1')],
      ['deletePrefix', (cache: Cache) => cache.deletePrefix('product:')],
      ['deletePrefix with a longer prefix', (cache: Cache) => cache.deletePrefix('product:stock:')],
      ['deletePrefix of all', (cache: Cache) => cache.deletePrefix('')],
    ])('forget a value everywhere after %s on one', async (_call, forget) => {
      await one.set('product:stock:1', 'old', TTL);
      expect(await two.get('product:stock:1')).toBe('old');
      await forget(one);

      expect(await one.get('product:stock:1')).toBeUndefined();
      expect(await found('product:stock:1')).toBeUndefined();
      await eventually('the other forgets', async () => (await two.get('product:stock:1')) === undefined, 2000);
      expect(await two.wrap('product:stock:1', TTL, async () => 'new')).toBe('new');
      expect(await kept('product:stock:1', 'new')).toBe('new');
    });

    it('forget nothing else', async () => {
      await one.set('product:1', 'apple', TTL);
      await one.set('store:1', 'corner', TTL);
      await one.delete('product:2');
      await one.deletePrefix('shop:');

      expect([await found('product:1'), await found('store:1')]).toEqual(['apple', 'corner']);
    });

    describe.each([
      ['delete', (cache: Cache) => cache.delete('product:1')],
      ['deletePrefix', (cache: Cache) => cache.deletePrefix('product:')],
      ['set', (cache: Cache) => cache.set('product:1', 'new', TTL)],
    ])('do not keep what one was loading when %s came to another', (_call, change) => {
      it.each([
        ['that heard of it', false],
        ['though it did not hear of it', true],
      ])('%s', async (_case, deaf) => {
        const { cache: two, redis } = await deployment.cache({ deaf });
        const { closed, open } = gate<string>();
        const loading = jest.fn(() => closed);
        const before = two.wrap('product:1', TTL, loading);
        await eventually('the load has begun', async () => loading.mock.calls.length > 0);
        await change(one);
        open('old');

        expect(await before).toBe('old');
        await redis.client?.get('after what was sent to the node of {product:1}');
        expect(await found('product:1')).not.toBe('old');
        await eventually('the one that loaded forgets', async () => (await two.get('product:1')) !== 'old', 2000);
        expect(await one.wrap('product:1', TTL, async () => 'new')).toBe('new');
        expect(await two.wrap('product:1', TTL, async () => 'new')).toBe('new');
      });
    });

    it.each([
      ['get', (cache: Cache) => cache.get('product:1')],
      ['wrap', (cache: Cache) => cache.wrap('product:1', TTL, async () => 'loaded')],
    ])('do not keep in memory what was on its way from Redis for %s when it was deleted', async (_call, read) => {
      const { cache, redis } = await deployment.cache();
      await one.set('product:1', 'old', TTL);
      const [answered, delivered] = [gate<void>(), gate<void>()];
      const attempt = redis.attempt.bind(redis);
      jest.spyOn(redis, 'attempt').mockImplementationOnce(async (work) => {
        const answer = await attempt(work);
        answered.open();
        await delivered.closed;
        return answer;
      });
      const reading = read(cache);
      await answered.closed;
      await cache.delete('product:1');
      delivered.open();

      expect(await reading).toBe('old');
      expect(await cache.get('product:1')).toBeUndefined();
    });

    it('replace a value everywhere by set', async () => {
      await one.set('product:1', 'old', TTL);
      expect(await two.get('product:1')).toBe('old');
      await one.set('product:1', 'new', TTL);

      await eventually('the other has the new one', async () => (await two.get('product:1')) === 'new', 2000);
    });

    it('load once for a hundred callers at the same time', async () => {
      const load = jest.fn(async () => 'apple');
      const callers = await Promise.all(Array.from({ length: 100 }, () => one.wrap('product:1', TTL, load)));

      expect(new Set(callers)).toEqual(new Set(['apple']));
      expect(load).toHaveBeenCalledTimes(1);
    });
  });
});

describeWith(['redis'], 'A cache on Redis', (servers) => {
  let deployment: Deployment;
  beforeEach(() => (deployment = new Deployment(servers.redis.env)));
  afterEach(() => deployment.close());

  it('counts what it found where', async () => {
    const one = await deployment.cache();
    const { cache, metrics } = await deployment.cache();
    await one.cache.set('a:1', 1, TTL);
    await cache.get('a:1');
    await cache.get('a:1');
    await cache.get('a:2');
    const count = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;

    expect([await count('cache_hits_total'), await count('cache_redis_hits_total')]).toEqual([2, 1]);
    expect(await count('cache_misses_total')).toBe(1);
  });

  it('takes prefixes of whole parts only, because versions are theirs', async () => {
    const { cache } = await deployment.cache();

    await expect(cache.deletePrefix('prod')).rejects.toThrow('"prod" is not a prefix of whole parts');
  });

  it('does without Redis for a value that is no JSON, and goes on', async () => {
    const { cache, redis } = await deployment.cache();
    await cache.set('a:1', 1n, TTL);

    expect(await cache.get('a:1')).toBe(1n);
    expect(redis.up).toBe(true);
  });
});
