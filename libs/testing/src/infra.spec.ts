import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import {
  availableServers,
  describeWith,
  dropPrefix,
  eventually,
  freshPrefix,
  ownServer,
  requireServers,
  type SqlServer,
} from './index.js';

async function query({ host, port, user, password }: SqlServer, statement: string): Promise<RowDataPacket[]> {
  const connection = await createConnection({ host, port, user, password });
  try {
    return (await connection.query<RowDataPacket[]>(statement))[0];
  } finally {
    await connection.end();
  }
}

const adminOf = (brokers: readonly string[]) =>
  new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();

const describeOwn = availableServers('mysql', 'redis', 'kafka3').length === 3 ? describe : describe.skip;

describeWith(['mysql', 'mariadb', 'kafka', 'redis'], 'the servers of a jest run', (servers) => {
  it.each(['mysql', 'mariadb'] as const)('has a %s whose user makes databases with a fresh name', async (name) => {
    const prefix = freshPrefix();
    await query(servers[name], `CREATE DATABASE ${prefix}_order`);
    expect(await query(servers[name], `SHOW DATABASES LIKE '${prefix}%'`)).toHaveLength(1);
    await expect(query(servers[name], 'CREATE DATABASE elsewhere')).rejects.toThrow('denied');
    await dropPrefix(prefix, servers[name]);
    expect(await query(servers[name], `SHOW DATABASES LIKE '${prefix}%'`)).toHaveLength(0);
  });

  it('tells who makes users there', async () => {
    const connection = await createConnection({ ...servers.mysql.root });
    const [[row]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER() AS name');
    await connection.end();
    expect(row!.name).toBe('root@localhost');
  });

  it('gives everybody who asks the same', async () => {
    const [one, other] = await Promise.all([requireServers('mysql', 'kafka'), requireServers('kafka')]);
    expect(one.mysql).toEqual(servers.mysql);
    expect(one.kafka).toEqual(other.kafka);
  });

  it('drops the topics and keys of one prefix and leaves those of the others', async () => {
    const [mine, theirs] = [freshPrefix(), freshPrefix()];
    const admin = adminOf(servers.kafka.brokers);
    await admin.connect();
    const redis = new Redis(servers.redis.url);
    for (const prefix of [mine, theirs]) {
      await admin.createTopics({ topics: [{ topic: `${prefix}-order-events` }], waitForLeaders: true });
      await redis.set(`${prefix}:key`, '1');
    }
    await dropPrefix(mine, servers.kafka, servers.redis);
    const topics = await admin.listTopics();
    expect(topics.filter((name) => name.startsWith(mine))).toEqual([]);
    expect(topics).toContain(`${theirs}-order-events`);
    expect(await redis.exists(`${mine}:key`)).toBe(0);
    expect(await redis.exists(`${theirs}:key`)).toBe(1);
    await dropPrefix(theirs, servers.kafka, servers.redis);
    await admin.disconnect();
    redis.disconnect();
  });
});

describeWith(['mysqlRepl', 'redisCluster'], 'servers of several processes', (servers) => {
  it('copies what the primary writes to its replica', async () => {
    const prefix = freshPrefix();
    const primary = servers.mysqlRepl;
    const [host, port] = primary.replicas[0]!.split(':');
    const replica = { ...primary, host: host!, port: Number(port) };
    await query(primary, `CREATE DATABASE ${prefix}`);
    const seen = () => query(replica, `SHOW DATABASES LIKE '${prefix}'`);
    await eventually('the copy', async () => (await seen()).length === 1);
    await expect(query(replica, `CREATE DATABASE ${prefix}_2`)).rejects.toThrow('read-only');
    await dropPrefix(prefix, primary);
  });

  it('drops the keys of a prefix in a whole Redis cluster', async () => {
    const prefix = freshPrefix();
    const cluster = new Cluster([...servers.redisCluster.nodes]);
    const keys = Array.from({ length: 20 }, (_, index) => `${prefix}:${index}`);
    await Promise.all(keys.map((key) => cluster.set(key, '1')));
    await dropPrefix(prefix, servers.redisCluster);
    expect(await Promise.all(keys.map((key) => cluster.exists(key)))).toEqual(keys.map(() => 0));
    cluster.disconnect();
  });
});

describe('a suite whose servers are not on this machine', () => {
  const names = ['KAFKA_BROKERS', 'NAKKU_CACHE', 'NAKKU_TEST_SERVERS', 'REQUIRE_INFRA'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  const why = /not on this machine: kafka \(npm run infra:install -- kafka\)/;

  beforeEach(() => {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, { NAKKU_CACHE: '/nowhere', NAKKU_TEST_SERVERS: join(tmpdir(), freshPrefix()) });
  });
  afterEach(() => {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, Object.fromEntries(before.filter(([, value]) => value !== undefined)));
  });

  it('is skipped, and its name says why', () => {
    const skip = jest.spyOn(describe, 'skip').mockReturnValue(undefined);
    describeWith(['kafka'], 'a relay', () => undefined);
    expect(skip).toHaveBeenLastCalledWith(expect.stringMatching(why), expect.any(Function));
    skip.mockRestore();
    expect(availableServers('kafka')).toEqual([]);
  });

  it('runs when the environment has their URLs', async () => {
    process.env.KAFKA_BROKERS = 'kafka-1:9092,kafka-2:9092';
    const { kafka } = await requireServers('kafka');
    expect(kafka).toEqual({
      brokers: ['kafka-1:9092', 'kafka-2:9092'],
      env: { KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092' },
    });
    expect(availableServers('kafka')).toEqual(['kafka']);
  });

  it('fails with REQUIRE_INFRA=1', async () => {
    process.env.REQUIRE_INFRA = '1';
    expect(availableServers('kafka')).toEqual(['kafka']);
    await expect(requireServers('kafka')).rejects.toThrow(why);
  });
});

describeOwn('a server of the test itself', () => {
  it('comes back on the same port with what it had, after kill -9', async () => {
    const mysql = await ownServer('mysql');
    await query(mysql, 'CREATE DATABASE app_kept');
    await mysql.stop('SIGKILL');
    await expect(query(mysql, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await mysql.start();
    expect(await query(mysql, `SHOW DATABASES LIKE 'app\\_kept'`)).toHaveLength(1);
    await mysql.remove();
    await expect(query(mysql, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('can be frozen: it keeps its connections and answers nobody until it is woken', async () => {
    const server = await ownServer('redis');
    const redis = new Redis(server.url, { commandTimeout: 500 });
    await redis.ping();
    await server.stop('SIGSTOP');
    await expect(redis.ping()).rejects.toThrow('timed out');
    await server.start();
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    await server.remove();
  });

  it('loses one broker of three and goes on', async () => {
    const { brokers, nodes, remove } = await ownServer('kafka3');
    await nodes[0]!.stop();
    const admin = adminOf(brokers.slice(1));
    await admin.connect();
    const size = (count: number) => async () =>
      (await admin.describeCluster().catch(() => undefined))?.brokers.length === count;
    await eventually('the loss', size(2));
    await nodes[0]!.start();
    await eventually('the return', size(3));
    await admin.disconnect();
    await remove();
  });
});
