import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, now } from '@nakku/database';
import { currentContext, Metrics, newContext, traceIdOf, withContext } from '@nakku/observability';
import { describeWith, dropPrefix, eventually, freshPrefix, namesWith } from '@nakku/testing';
import { ConfigResourceTypes, type Message } from 'kafkajs';
import {
  closeDatabases,
  type Databases,
  dataOf,
  type Handle,
  openDatabases,
  type Process,
  processOn,
} from './city.fixture.js';
import { DeadLetter, InboxRow, OutboxRow } from './index.js';
import { headersOf, KafkaProbe } from './kafka.fixture.js';

describeWith(['kafka'], 'events in Kafka', (servers) => {
  let prefix: string;
  let probe: KafkaProbe;
  let dataDir: string;
  let databases: Databases;
  let processes: Process[];
  let seen: string[];

  const record: Handle = async (event) => void seen.push(`${event.subject}${dataOf(event).step}`);
  const begin = async (cart: Handle = record, env: Record<string, string> = {}): Promise<Process> => {
    const process = processOn(databases, { cart }, { ...servers.kafka.env, ...namesWith(prefix), ...env });
    processes.push(process);
    await process.start();
    return process;
  };
  const effects = (wanted: string[]) =>
    eventually(`the effects ${wanted.join()}`, async () => seen.length >= wanted.length).then(() =>
      expect(seen).toEqual(wanted),
    );
  const envelope = (more: Record<string, unknown> = {}) => ({
    specversion: '1.0',
    id: newId(),
    type: 'order.created',
    source: '/nakku/order',
    subject: 'a',
    time: now(),
    datacontenttype: 'application/json',
    dataschema: 'urn:nakku:event:order.created:v1',
    traceparent: newContext().traceparent,
    data: { orderId: 'a', step: 0 },
    ...more,
  });
  const messageOf = (value: unknown): Message => ({ key: 'a', value: JSON.stringify(value) });

  beforeEach(async () => {
    prefix = freshPrefix();
    probe = new KafkaProbe(servers.kafka.brokers, prefix);
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    databases = await openDatabases({ dataDir });
    processes = [];
    seen = [];
  });
  afterEach(async () => {
    for (const process of processes) await process.close();
    await closeDatabases(databases);
    rmSync(dataDir, { recursive: true, force: true });
    await dropPrefix(prefix, servers.kafka);
  });

  it('are CloudEvents keyed by their subject, whose trace goes on from the publisher to the handler', async () => {
    let handledIn = '';
    const process = await begin(async (event) => {
      handledIn = traceIdOf(currentContext());
      await record(event);
    });
    const context = newContext();
    await withContext(context, () => process.publish('a', 7));
    await effects(['a7']);
    expect(handledIn).toBe(traceIdOf(context));
    const [message] = await probe.read(probe.topic, 1);
    const value = JSON.parse(String(message!.value));
    expect(String(message!.key)).toBe('a');
    expect(value).toMatchObject({ specversion: '1.0', type: 'order.created', subject: 'a', data: { step: 7 } });
    expect(headersOf(message!)).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      traceparent: value.traceparent,
      ce_id: value.id,
      ce_type: 'order.created',
    });
    expect(value.traceparent).toContain(traceIdOf(context));
  });

  it('go to a topic that is made as configured, and a topic that is there stays as it is', async () => {
    await probe.admin((admin) =>
      admin.createTopics({ topics: [{ topic: `${prefix}-old-order-events`, numPartitions: 1 }] }),
    );
    const old = await begin(record, { KAFKA_TOPIC_PREFIX: `${prefix}-old-`, KAFKA_GROUP_ID: `${prefix}-old` });
    const made = await begin(record, { KAFKA_PARTITIONS: '5', KAFKA_MIN_ISR: '1' });
    await old.publish('a');
    await made.publish('b');
    await eventually('both', async () => seen.length === 2);
    const partitions = async (topic: string) =>
      probe.admin(async (admin) => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.length);
    expect(await partitions(probe.topic)).toBe(5);
    expect(await partitions(`${prefix}-old-order-events`)).toBe(1);
    const { resources } = await probe.admin((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: probe.topic }],
      }),
    );
    const config = Object.fromEntries(
      resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
    // Shorter than inboxes remember, or a group that begins anew would have effects twice.
    expect(config).toMatchObject({ 'min.insync.replicas': '1', 'retention.ms': String(5 * 24 * 3600_000) });
  });

  it('that cannot be handled go to the table, and to the dead topic with their headers and why', async () => {
    const process = await begin(async () => {
      throw new Error('cannot digest');
    });
    await process.publish('poison', 3);
    await eventually('the dead topic', () => probe.exists(probe.deadTopic));
    const [message] = await probe.read(probe.deadTopic, 1);
    const headers = headersOf(message!);
    expect(String(message!.key)).toBe('poison');
    expect(JSON.parse(String(message!.value)).data).toEqual({ orderId: 'poison', step: 3 });
    expect(headers).toMatchObject({
      ce_type: 'order.created',
      'nakku-error': 'Error: cannot digest',
      'nakku-tries': '3',
      'nakku-group': probe.group,
      'nakku-topic': probe.topic,
    });
    expect(await databases.cart.manager.find(DeadLetter)).toMatchObject([{ key: 'poison', eventId: headers.ce_id }]);
  });

  it('can be replayed by another copy of the service than the one that put them aside', async () => {
    let poisoned = true;
    const cart: Handle = async (event) => {
      if (poisoned) throw new Error('cannot digest');
      await record(event);
    };
    const [first, second] = [await begin(cart), await begin(cart)];
    await first.publish('a');
    const letters = await eventually('the dead letter', async () => {
      const { items } = await first.transport.operations('cart').deadLetters({ limit: 10 });
      return items.length > 0 && items;
    });
    poisoned = false;
    await second.transport.operations('cart').replay({ id: letters[0]!.id });
    expect(seen).toEqual(['a0']);
    expect((await first.transport.operations('cart').deadLetters({ limit: 10 })).items).toEqual([]);
  });

  it('that are no events are put aside as they are, and hold up nobody', async () => {
    const process = await begin();
    await process.publish('before');
    await effects(['before0']);
    const bad: Message[] = [
      { key: 'a', value: 'not JSON' },
      { key: 'a', value: null },
      messageOf('a text'),
      messageOf(envelope({ subject: undefined })),
      messageOf(envelope({ id: 'x'.repeat(37) })),
      messageOf(envelope({ data: { orderId: 'y'.repeat(70_000), step: 0 } })),
    ];
    await probe.write(probe.topic, [...bad, messageOf(envelope())]);
    await effects(['before0', 'a0']);
    await eventually('the dead topic', () => probe.exists(probe.deadTopic));
    const dead = await probe.read(probe.deadTopic, bad.length);
    expect(dead.map((message) => headersOf(message)['nakku-error']).sort()).toEqual([
      'it has more than 65535 bytes',
      'it has no subject',
      'it is empty',
      'it is not JSON',
      'it is not an object',
      'its id has more than 36 characters',
    ]);
    await eventually('the commit', async () => (await probe.lag()) === 0);
  });

  it('of a newer version are handled with what is known of them, or put aside when nothing can be made of them', async () => {
    await begin();
    const newer = { dataschema: 'urn:nakku:event:order.created:v2' };
    await eventually('the topic', () => probe.exists(probe.topic));
    await probe.write(probe.topic, [
      messageOf(envelope({ type: 'order.teleported' })),
      messageOf(envelope({ ...newer, data: { orderId: 'a', step: 1, planet: 'Mars' }, newAttribute: 1 })),
      messageOf(envelope({ ...newer, data: { order: { id: 'a' } } })),
      messageOf(envelope({ data: { orderId: 'a', step: 2 } })),
    ]);
    await effects(['a1', 'a2']);
    await eventually('the commit', async () => (await probe.lag()) === 0);
    const letters = await databases.cart.manager.find(DeadLetter);
    expect(letters).toMatchObject([{ type: 'order.created', tries: 3 }]);
    expect(letters[0]!.error).toContain('ZodError');
    expect(await databases.cart.manager.count(InboxRow)).toBe(3);
  });

  it('count as lag until they are handled', async () => {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const process = await begin((event) => held.then(() => record(event)));
    const metrics = new Metrics();
    process.kafka?.measuredBy(metrics);
    for (let step = 0; step < 3; step++) await process.publish('a', step);
    await eventually('the events', async () => (await probe.lag().catch(() => 0)) === 3);
    const labels = `domain="cart",topic="${probe.topic}"`;
    const shows = async (lag: number) => (await metrics.render()).includes(`nakku_consumer_lag{${labels}} ${lag}\n`);
    await eventually('the lag among the metrics', () => shows(3));
    goOn();
    await eventually('the commit', async () => (await probe.lag()) === 0);
    process.kafka?.measuredBy(metrics);
    await eventually('no lag among the metrics', () => shows(0));
  });

  it('are all in Kafka, and all that came from there is committed, when the process has stopped', async () => {
    const process = await begin();
    await Promise.all(Array.from({ length: 200 }, (_, key) => process.publish(`k${key}`)));
    await eventually('the first', async () => seen.length > 0);
    await process.close();
    expect(await databases.order.manager.count(OutboxRow)).toBe(0);
    expect(await probe.members()).toBe(0);
    expect(await probe.lag()).toBe(200 - seen.length);
  });
});
