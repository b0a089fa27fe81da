import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, dropPrefix, eventually, freshPrefix, namesWith } from '@nakku/testing';
import { AssignerProtocol, type PartitionAssigner, PartitionAssigners } from 'kafkajs';
import {
  closeDatabases,
  type Databases,
  dataOf,
  type Handle,
  openDatabases,
  type Process,
  processOn,
} from './city.fixture.js';
import { InboxRow } from './index.js';
import { isReady, KafkaProbe } from './kafka.fixture.js';

/** Divides as the others do, under a name that they do not know: whoever comes second cannot join. */
const strange: PartitionAssigner = (config) => ({
  ...PartitionAssigners.roundRobin(config),
  name: 'strange',
  protocol: ({ topics }) => ({
    name: 'strange',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),
});

describeWith(['kafka'], 'a domain that listens by Kafka', (servers) => {
  let prefix: string;
  let probe: KafkaProbe;
  let dataDir: string;
  let databases: Databases;
  let processes: Process[];
  /** The steps of each key in the order in which they had their effect. */
  let seen: Map<string, number[]>;

  const record: Handle = async (event) => {
    const { orderId, step } = dataOf(event);
    seen.set(orderId, [...(seen.get(orderId) ?? []), step]);
  };
  const count = () => [...seen.values()].flat().length;
  /** A copy of the service: all are on the same databases. */
  const begin = async (cart: Handle, env: Record<string, string> = {}): Promise<Process> => {
    const process = processOn(databases, { cart }, { ...servers.kafka.env, ...namesWith(prefix), ...env });
    processes.push(process);
    await process.start();
    return process;
  };
  const joined = (wanted: number) => eventually(`${wanted} members`, async () => (await probe.members()) === wanted);

  beforeEach(async () => {
    prefix = freshPrefix();
    probe = new KafkaProbe(servers.kafka.brokers, prefix);
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    databases = await openDatabases({ dataDir });
    seen = new Map();
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await closeDatabases(databases);
    rmSync(dataDir, { recursive: true, force: true });
    await dropPrefix(prefix, servers.kafka);
  });

  it('loses nothing, doubles nothing and keeps each key in order while copies of it come and go', async () => {
    const keys = Array.from({ length: 20 }, (_, key) => `k${key}`);
    const failed = new Set<string>();
    // Every fifth event waits for its second try, so that lanes are at work whenever partitions change hands.
    const cart: Handle = async (event) => {
      if (dataOf(event).step % 5 === 3 && !failed.has(event.id)) {
        failed.add(event.id);
        throw new Error('not yet');
      }
      await record(event);
    };
    const env = { EVENT_RETRY_MS: '200' };
    const first = await begin(cart, env);
    await joined(1);
    const publishing = (async () => {
      for (let step = 0; step < 50; step++) {
        await Promise.all(keys.map((key) => first.publish(key, step)));
        await sleep(60);
      }
    })();
    await eventually('the stream', async () => count() > 100);
    const second = await begin(cart, env);
    await joined(2);
    await eventually('some more of it', async () => count() > 400);
    await second.close();
    await joined(1);
    await publishing;
    await eventually('all events', async () => count() >= 1000);
    await eventually('the commit', async () => (await probe.lag()) === 0);
    for (const key of keys) expect(seen.get(key)).toEqual(Array.from({ length: 50 }, (_, step) => step));
    expect(await databases.cart.manager.count(InboxRow)).toBe(1000);
  });

  it('commits up to the first event that is not handled, and no further', async () => {
    let failing = true;
    const cart: Handle = async (event) => {
      if (event.subject === 'stuck' && failing) throw new Error('not yet');
      await record(event);
    };
    const process = await begin(cart, { KAFKA_PARTITIONS: '1', EVENT_RETRY_MS: '1000' });
    for (const step of [0, 1, 2, 3, 4]) await process.publish('before', step);
    await process.publish('stuck');
    for (const step of [0, 1, 2, 3]) await process.publish('after', step);
    await eventually('all others', async () => count() === 9);
    await eventually('the commit', async () => (await probe.lag()) === 5);
    failing = false;
    await eventually('the rest', async () => (await probe.lag()) === 0);
    expect(count()).toBe(10);
  });

  it('keeps its place in the group while a handler takes longer than the session, and hands out nothing twice', async () => {
    let tries = 0;
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const cart: Handle = async (event) => {
      tries++;
      await finished;
      await record(event);
    };
    const process = await begin(cart, { KAFKA_SESSION_TIMEOUT_MS: '6000' });
    await process.publish('long');
    await eventually('the long handler', async () => tries === 1);
    await sleep(8000); // longer than the session: only time can tell
    expect(await probe.members()).toBe(1);
    finish();
    await eventually('the commit', async () => (await probe.lag()) === 0);
    expect(tries).toBe(1);
    expect(seen).toEqual(new Map([['long', [0]]]));
  });

  it('holds a bounded number of messages in memory, and goes on when they are handled', async () => {
    let started = 0;
    let open = false;
    const cart: Handle = async (event) => {
      started++;
      if (!open) throw new Error('not yet');
      await record(event);
    };
    const process = await begin(cart, { EVENT_RETRY_MS: '60000', EVENT_MAX_TRIES: '100' });
    for (let batch = 0; batch < 25; batch++)
      await Promise.all(Array.from({ length: 100 }, (_, key) => process.publish(`${batch}-${key}`)));
    await eventually('a full memory', async () => started === 1000);
    await sleep(1000); // would they still come, they would by then
    expect(started).toBe(1000);
    expect(await probe.members()).toBe(1);
    open = true;
    await process.close();
    await begin(cart);
    await eventually('all events', async () => count() === 2500);
  });

  it('is not ready before it is a member of its group', async () => {
    const { kafka } = await begin(record);
    await eventually('readiness', () => isReady(kafka!));
    expect(await probe.members()).toBe(1);
  });

  it('asks for a restart while it has crashed for good, and recovers by itself when it can', async () => {
    const stranger = probe.kafka.consumer({ groupId: probe.group, partitionAssigners: [strange] });
    await probe.admin((admin) => admin.createTopics({ topics: [{ topic: probe.topic, numPartitions: 3 }] }));
    await stranger.connect();
    await stranger.subscribe({ topic: probe.topic });
    await stranger.run({ eachMessage: async () => undefined });
    await joined(1);
    const process = await begin(record);
    const server = process.kafka!;
    await expect(server.checkConsumers()).resolves.toBeUndefined();
    const alarm = () =>
      server.checkConsumers().then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
    await eventually('the alarm', async () => (await alarm()) === 'CONSUMER_CRASHED');
    await expect(server.checkBrokers()).resolves.toBeUndefined();
    expect(await isReady(server)).toBe(false);
    await stranger.disconnect();
    await process.publish('a');
    await eventually('the event', async () => count() === 1);
    await expect(server.checkConsumers()).resolves.toBeUndefined();
    expect(await isReady(server)).toBe(true);
  });
});
