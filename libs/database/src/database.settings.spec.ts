import { ConfigError, Environment } from '@nakku/config';
import { DatabaseSettings, serverOf } from './index.js';

const DB = { DB_HOST: 'db', DB_USER: 'nakku', DB_PASSWORD: 'in-the-safe' };
const of = (env: Record<string, string>, domain: 'order' | 'user' = 'order') => serverOf(new Environment(env), domain);
const sentenceOf = (env: Record<string, string>): string => {
  try {
    of(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the settings of the database', () => {
  it('mean the embedded store while no server is named', () => {
    expect(of({ DB_USER: 'nakku', USER_DB_HOST: 'users', USER_DB_USER: 'u' })).toBeUndefined();
  });

  it('give each domain a database of its own on the common server', () => {
    expect(of(DB)).toMatchObject({
      host: 'db',
      port: 3306,
      user: 'nakku',
      password: 'in-the-safe',
      database: 'nakku_order',
      replicas: [],
      migrate: 'start',
      migrator: undefined,
      replicaMaxLagMs: 2000,
    });
    expect(of({ ...DB, DB_NAME: 'shop' }, 'user')?.database).toBe('shop_user');
  });

  it('are overridden by those of one domain, whose DB_NAME is exact', () => {
    const env = { ...DB, ORDER_DB_HOST: 'orders', ORDER_DB_PORT: '3307', ORDER_DB_USER: 'o', ORDER_DB_NAME: 'sales' };
    expect(of(env)).toMatchObject({
      host: 'orders',
      port: 3307,
      user: 'o',
      password: 'in-the-safe',
      database: 'sales',
    });
    expect(of(env, 'user')).toMatchObject({ host: 'db', port: 3306, user: 'nakku', database: 'nakku_user' });
  });

  it('let a domain alone be on a server', () => {
    const env = { ORDER_DB_HOST: 'orders', ORDER_DB_USER: 'o' };
    expect(of(env)).toMatchObject({ host: 'orders', password: '', database: 'nakku_order' });
    expect(of(env, 'user')).toBeUndefined();
  });

  it('read replicas with and without a port, also IPv6', () => {
    const replicas = [
      { host: 'r1', port: 3310 },
      { host: 'r2', port: 3311 },
      { host: '::1', port: 3312 },
    ];
    expect(of({ ...DB, DB_PORT: '3310', DB_REPLICA_HOSTS: 'r1, r2:3311, [::1]:3312' })?.replicas).toEqual(replicas);
  });

  it('do not take the replicas of the common server for those of a domain’s own', () => {
    const env = { ...DB, DB_REPLICA_HOSTS: 'r1', ORDER_DB_HOST: 'orders' };
    expect(of(env)?.replicas).toEqual([]);
    expect(of({ ...env, ORDER_DB_REPLICA_HOSTS: 'o1:1' })?.replicas).toEqual([{ host: 'o1', port: 1 }]);
    expect(of(env, 'user')?.replicas).toEqual([{ host: 'r1', port: 3306 }]);
  });

  it('name another user for migrations', () => {
    const env = { ...DB, DB_MIGRATION_USER: 'ddl', DB_MIGRATION_PASSWORD: 'also-safe', DB_MIGRATE: 'never' };
    expect(of(env)).toMatchObject({ migrate: 'never', migrator: { user: 'ddl', password: 'also-safe' } });
  });

  it.each([
    [{ DB_HOST: 'db' }, 'DB_USER must be set where DB_HOST is, but is not set'],
    [{ ORDER_DB_HOST: 'db' }, 'DB_USER must be set where ORDER_DB_HOST is, but is not set'],
    [{ ...DB, DB_PORT: '0' }, 'DB_PORT must be an integer from 1 to 65535, but was "0"'],
    [
      { ...DB, DB_NAME: 'na`kku' },
      'DB_NAME must be a database name of at most 50 letters, digits and underscores, but was "na`kku"',
    ],
    [
      { ...DB, DB_REPLICA_HOSTS: 'a,b c' },
      'DB_REPLICA_HOSTS must be a comma-separated list of hosts, each with a :port if it has one, but was "a,b c"',
    ],
    [
      { ...DB, DB_SSL_CA_FILE: '/nowhere.pem' },
      'DB_SSL_CA_FILE must be a file that can be read, but "/nowhere.pem" gave ENOENT',
    ],
    [
      { DB_HOST: 'db', DB_USER: 'u', NODE_ENV: 'production' },
      'DB_PASSWORD must be set where DB_HOST is, but is not set',
    ],
  ])('refuse %j in one line', (env: Record<string, string>, sentence) => {
    expect(sentenceOf(env)).toBe(sentence);
  });

  it('never show a password', () => {
    const environment = new Environment({ ...DB, ORDER_DB_PASSWORD: 'o-pass', DB_MIGRATION_PASSWORD: 'm-pass' });
    environment.get(DatabaseSettings);
    const shown = JSON.stringify(environment.describe());
    expect(['in-the-safe', 'o-pass', 'm-pass'].filter((password) => shown.includes(password))).toEqual([]);
    expect(environment.describe()).toMatchObject({ DB_PASSWORD: '(not shown)', DB_HOST: 'db' });
  });
});
