import { storeOf } from '@nakku/runtime';
import { migrateDatabase, serverOf } from '@nakku/database';
import { describeWith, dropPrefix, freshPrefix, namesWith } from '@nakku/testing';
import { Kafka, logLevel } from 'kafkajs';
import { databases } from './databases.js';
import { badOf, patientOf, statusesOf } from './doctor.fixture.js';
import { kafka } from './kafka.js';
import { examine } from './patient.js';
import { redis } from './redis.js';

const NOWHERE = '127.0.0.1:1';

describe('the doctor, of servers that do not answer', () => {
  it('finds each, with why', async () => {
    const env = {
      DB_HOST: '127.0.0.1',
      DB_PORT: '1',
      DB_USER: 'x',
      KAFKA_BROKERS: NOWHERE,
      REDIS_URL: `redis://${NOWHERE}`,
    };
    const patient = patientOf(env);
    expect(await badOf(databases, patient)).toMatchObject({
      'database of order': expect.stringMatching(/^fail: .*ECONNREFUSED/),
      'database of user': expect.stringMatching(/^fail: .*ECONNREFUSED/),
    });
    expect(await badOf(kafka, patient)).toEqual({ kafka: expect.stringMatching(/^fail: no broker answers/) });
    expect(await badOf(redis, patient)).toEqual({
      [`redis ${NOWHERE}`]: expect.stringMatching(/^fail: does not answer: .*ECONNREFUSED/),
    });
  });

  it('says what it was not told', async () => {
    const findings = await examine(patientOf({}), [databases, kafka, redis]);
    expect(findings.every(({ status }) => status === 'skip')).toBe(true);
    expect(findings.map(({ advice = '' }) => advice).join()).toMatch(/ORDER_DB_HOST.*KAFKA_BROKERS.*REDIS_URL/);
  });

  it('asks for none where there are none', async () => {
    const findings = await examine(patientOf({}, { topology: 'single-server' }), [databases, kafka, redis]);
    expect(statusesOf(findings)).toEqual(['databases: skip', 'kafka: skip', 'redis: skip']);
    expect(findings.filter(({ advice }) => advice)).toEqual([]);
  });

  it('takes a variable that is wrong for a finding', async () => {
    expect(await badOf(redis, patientOf({ REDIS_URL: 'nonsense' }))).toEqual({
      redis: expect.stringContaining('REDIS_URL must be'),
    });
  });
});

describeWith(['mysql'], 'the doctor, of a database', (servers) => {
  const prefix = freshPrefix();
  const env = () => ({ ...servers.mysql.env, ...namesWith(prefix) });
  afterAll(() => dropPrefix(prefix, servers.mysql));

  it('finds the migrations that it lacks, and is content when they have run', async () => {
    const patient = patientOf(env());
    expect(await badOf(databases, patient)).toMatchObject({
      'database of order': expect.stringMatching(/^fail: there is no database/),
    });
    const server = serverOf(patient.environment, 'order')!;
    const { migrations, ...store } = storeOf('order', patient.environment);
    await migrateDatabase({ ...store, server, migrations: migrations.slice(0, 1) });
    expect(await badOf(databases, patient)).toMatchObject({
      'database of order': expect.stringMatching(/^fail: lacks \d+ migrations/),
    });
    await migrateDatabase({ ...store, server, migrations });
    expect(await badOf(databases, patient)).not.toHaveProperty('database of order');
    const findings = await examine(patient, [databases]);
    expect(statusesOf(findings)).toContain(`clock of ${server.host}:${server.port}: ok`);
  });

  it('finds a replica that can be written, and one that is not there', async () => {
    const { host, port } = servers.mysql;
    const patient = patientOf({ ...env(), DB_REPLICA_HOSTS: `${host}:${port},${NOWHERE}` });
    expect(await badOf(databases, patient)).toMatchObject({
      [`replica ${host}:${port}`]: expect.stringMatching(/^warn: (can be written|does not follow by GTID)$/),
      [`replica ${NOWHERE}`]: expect.stringMatching(/^fail: does not answer: .*ECONNREFUSED/),
    });
  });
});

describeWith(['kafka'], 'the doctor, of Kafka', (servers) => {
  const prefix = freshPrefix();
  afterAll(() => dropPrefix(prefix, servers.kafka));

  it('finds topics that are missing, too small or not as the topology wants, and who is behind', async () => {
    const client = new Kafka({ brokers: [...servers.kafka.brokers], logLevel: logLevel.NOTHING });
    const topic = `${prefix}-order-events`;
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
    await admin.disconnect();
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic, messages: Array.from({ length: 1200 }, () => ({ value: 'x' })) });
    await producer.disconnect();
    const bad = await badOf(kafka, patientOf({ ...servers.kafka.env, ...namesWith(prefix) }));
    expect(bad).toMatchObject({
      kafka: 'warn: 1 of 3 brokers are there',
      [`topic ${prefix}-user-events`]: 'warn: is not there',
      'events for cart': 'warn: 1200 not handled yet',
    });
    const findings = await examine(patientOf({ ...servers.kafka.env, ...namesWith(prefix) }), [kafka]);
    const said = findings.filter(({ name }) => name === `topic ${topic}`).map(({ found }) => found);
    expect(said).toEqual([
      expect.stringMatching(/^has 1 partitions, but \S+ has 2 copies: the others are idle$/),
      'has 1 copies of each message, not 3',
      'asks for 1 copies in sync, not 2',
    ]);
  });
});

describeWith(['redis'], 'the doctor, of Redis', (servers) => {
  it('finds that it may use all memory', async () => {
    expect(await badOf(redis, patientOf({ ...servers.redis.env }))).toEqual({
      [`redis ${new URL(servers.redis.url).host}`]: 'warn: answers, and may use all memory of its machine',
    });
  });
});
