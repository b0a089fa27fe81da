import { Environment } from '@nakku/config';
import { CacheSettings, endpointOf } from './cache.settings.js';

const read = (raw: Record<string, string>) => new Environment(raw).get(CacheSettings);
const endpoint = (raw: Record<string, string>) => endpointOf(read(raw));

describe('The settings of Redis', () => {
  it('are none by default, and then there is no endpoint', () => {
    expect(read({})).toMatchObject({ REDIS_PREFIX: 'nakku:', REDIS_TIMEOUT_MS: 250 });
    expect(endpoint({})).toBeUndefined();
  });

  it.each([
    ['redis://cache', { nodes: [{ host: 'cache', port: 6379 }], cluster: false, db: 0, tls: false }],
    ['redis://cache:7000/3', { nodes: [{ host: 'cache', port: 7000 }], db: 3 }],
    ['rediss://me:p%40ss@cache:6380', { username: 'me', password: 'p@ss', tls: true }],
    ['redis://:only@[::1]:6379', { nodes: [{ host: '::1', port: 6379 }], password: 'only' }],
    [
      'redis://a:1,redis://b:2/5',
      {
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        cluster: true,
        db: 0,
      },
    ],
  ])('read REDIS_URL=%s', (url, expected) => {
    expect(endpoint({ REDIS_URL: url })).toMatchObject(expected);
  });

  it('read nodes of a cluster, with the password and TLS of the URL', () => {
    const nodes = { nodes: [{ host: 'a', port: 1 }], cluster: true };

    expect(endpoint({ REDIS_CLUSTER_NODES: 'a:1' })).toEqual({ ...nodes, db: 0, tls: false, timeoutMs: 250 });
    expect(endpoint({ REDIS_CLUSTER_NODES: 'a:1', REDIS_URL: 'rediss://:hush@b/4' })).toEqual({
      ...nodes,
      password: 'hush',
      db: 0,
      tls: true,
      timeoutMs: 250,
    });
  });

  it.each([
    ['REDIS_URL', 'http://cache', 'a comma-separated list of redis:// or rediss:// URLs'],
    ['REDIS_URL', 'cache:6379', 'a comma-separated list of redis:// or rediss:// URLs'],
    ['REDIS_URL', 'redis://cache/name', 'a comma-separated list of redis:// or rediss:// URLs'],
    ['REDIS_CLUSTER_NODES', 'a:1,b', 'a comma-separated list of nodes such as redis-1:6379'],
    ['REDIS_CLUSTER_NODES', 'a:99999', 'a comma-separated list of nodes such as redis-1:6379'],
    ['REDIS_PREFIX', '{tag}', '1 to 64 letters, digits or any of _ . : -'],
    ['REDIS_TIMEOUT_MS', '1', 'an integer from 10 to 10000'],
  ])('refuse %s=%s', (name, value, expected) => {
    expect(() => read({ [name]: value })).toThrow(`${name} must be ${expected}, but was "${value}"`);
  });

  it('show no password', () => {
    const environment = new Environment({ REDIS_URL: 'redis://:hush@a,redis://:hush@b' });
    environment.get(CacheSettings);

    expect(environment.describe()['REDIS_URL']).toBe('redis://(not shown)@a,redis://(not shown)@b');
  });
});
