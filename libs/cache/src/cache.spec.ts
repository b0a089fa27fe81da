import { Metrics } from '@nakku/observability';
import { createCache } from 'cache-manager';
import { levels } from './cache.levels.js';
import { Cache } from './cache.js';

function gate<T>() {
  let open: (value: T) => void = () => {};
  const closed = new Promise<T>((resolve) => (open = resolve));
  return { closed, open };
}

describe('Cache', () => {
  let cache: Cache;
  let metrics: Metrics;

  beforeEach(() => {
    metrics = new Metrics();
    cache = new Cache(metrics);
  });

  const count = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value;

  it('loads a value once and then answers from memory', async () => {
    const load = jest.fn(async () => 'apple');

    expect(await cache.wrap('product:1', 1000, load)).toBe('apple');
    expect(await cache.wrap('product:1', 1000, load)).toBe('apple');
    expect(load).toHaveBeenCalledTimes(1);
  });

  it.each([null, undefined, 0, ''])('keeps the value %p too', async (value) => {
    const load = jest.fn(async () => value);
    await cache.wrap('key', 1000, load);

    expect(await cache.wrap('key', 1000, load)).toBe(value);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('loads again when the time to live is over', async () => {
    const load = jest.fn(async () => 'apple');
    await cache.wrap('key', 20, load);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await cache.wrap('key', 20, load);

    expect(load).toHaveBeenCalledTimes(2);
  });

  it('loads once for a hundred callers at the same time', async () => {
    const { closed, open } = gate<string>();
    const load = jest.fn(() => closed);
    const callers = Array.from({ length: 100 }, () => cache.wrap('key', 1000, load));
    await Promise.resolve();
    open('apple');

    expect(new Set(await Promise.all(callers))).toEqual(new Set(['apple']));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('gives an error to all who wait for it and does not keep it', async () => {
    const failing = async (): Promise<string> => {
      throw new Error('database down');
    };
    const callers = await Promise.allSettled([cache.wrap('key', 1000, failing), cache.wrap('key', 1000, failing)]);

    expect(callers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.wrap('key', 1000, async () => 'apple')).toBe('apple');
  });

  it('recovers from a load that throws at once', async () => {
    const throwing = (): Promise<string> => {
      throw new Error('database down');
    };

    await expect(cache.wrap('key', 1000, throwing)).rejects.toThrow('database down');
    expect(await cache.wrap('key', 1000, async () => 'apple')).toBe('apple');
  });

  it.each([
    ['delete', () => cache.delete('product:1')],
    ['deletePrefix', () => cache.deletePrefix('product:')],
  ])('does not keep what was being loaded when %s came', async (_name, forget) => {
    const { closed, open } = gate<string>();
    const before = cache.wrap('product:1', 1000, () => closed);
    await forget();
    const after = await cache.wrap('product:1', 1000, async () => 'new');
    open('old');

    expect(await before).toBe('old');
    expect(after).toBe('new');
    expect(await cache.get('product:1')).toBe('new');
  });

  it('lets later callers share the newer load when an outdated one ends', async () => {
    const [old, fresh] = [gate<string>(), gate<string>()];
    const load = jest.fn(() => fresh.closed);
    const first = cache.wrap('key', 1000, () => old.closed);
    await cache.delete('key');
    const second = cache.wrap('key', 1000, load);
    old.open('old');
    await first;
    const third = cache.wrap('key', 1000, load);
    fresh.open('new');

    expect(await Promise.all([second, third])).toEqual(['new', 'new']);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('does not let an old load overwrite a value that was set meanwhile', async () => {
    const { closed, open } = gate<string>();
    const before = cache.wrap('key', 1000, () => closed);
    await cache.set('key', 'new', 1000);
    open('old');
    await before;

    expect(await cache.get('key')).toBe('new');
  });

  it('sets, gets and deletes', async () => {
    await cache.set('key', 1, 1000);
    expect(await cache.get<number>('key')).toBe(1);

    await cache.delete('key');
    expect(await cache.get('key')).toBeUndefined();
  });

  it('deletes by prefix and nothing else', async () => {
    await cache.set('product:1', 1, 1000);
    await cache.set('product:2', 2, 1000);
    await cache.set('store:1', 3, 1000);
    await cache.deletePrefix('product:');

    expect([await cache.get('product:1'), await cache.get('product:2'), await cache.get('store:1')]).toEqual([
      undefined,
      undefined,
      3,
    ]);
  });

  it('forgets the least recently used when it is full', async () => {
    const small = new Cache(new Metrics(), createCache({ stores: levels(undefined, 2) }));
    await small.set('a', 1, 1000);
    await small.set('b', 2, 1000);
    await small.get('a');
    await small.set('c', 3, 1000);

    expect([await small.get('a'), await small.get('b'), await small.get('c')]).toEqual([1, undefined, 3]);
  });

  it('counts hits and misses', async () => {
    await cache.wrap('key', 1000, async () => 1);
    await cache.wrap('key', 1000, async () => 1);
    await cache.get('key');

    expect(await count('cache_misses_total')).toBe(1);
    expect(await count('cache_hits_total')).toBe(2);
  });
});
