import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describeWith, dropPrefix, eventually, freshPrefix } from '@nakku/testing';
import { Kafka, logLevel } from 'kafkajs';
import { ROOT } from '../processes/readme.js';

const SCRIPT = join(ROOT, 'deploy', 'backup', 'kafka-replay.mjs');
const EVENTS = 20;
const KEYS = 4;

const replay = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  new Promise((resolve) =>
    execFile(process.execPath, [SCRIPT, ...args], (_error, stdout, stderr) => resolve({ stdout, stderr })),
  );

describeWith(['kafka'], 'events after databases were restored to a moment', (servers) => {
  const prefix = freshPrefix();
  const [old, fresh] = [`${prefix}-`, `${prefix}-r1-`] as const;
  afterAll(() => dropPrefix(prefix, servers.kafka));

  it('are heard again from before that moment, in their order, and never from after it', async () => {
    const kafka = new Kafka({ brokers: [...servers.kafka.brokers], logLevel: logLevel.NOTHING });
    const [admin, producer] = [kafka.admin(), kafka.producer()];
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic: `${old}order-events`, numPartitions: 3 }], waitForLeaders: true });
    const start = Date.now();
    const messages = Array.from({ length: EVENTS }, (_, i) => ({
      key: `order-${i % KEYS}`,
      value: JSON.stringify({ id: `event-${i}`, time: new Date(start + i * 1000).toISOString() }),
      headers: { ce_id: `event-${i}` },
    }));
    await producer.send({ topic: `${old}order-events`, messages });
    await producer.send({ topic: `${old}order-events`, messages: [{ key: 'order-0', value: 'no event' }] });

    const moment = new Date(start + (EVENTS / 2) * 1000).toISOString();
    const times = ['--since', new Date(start - 60_000).toISOString(), '--until', moment];
    const where = ['--brokers', servers.kafka.brokers.join(','), '--from-prefix', old, '--to-prefix', fresh];
    expect((await replay(...where, ...times)).stdout).toBe(`10 events of 1 topics are in ${fresh}<domain>-events\n`);

    const heard: { key: string; id: string; header: string }[] = [];
    const consumer = kafka.consumer({ groupId: prefix });
    await consumer.connect();
    await consumer.subscribe({ topic: `${fresh}order-events`, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { key, value, headers } }) => {
        const { id } = JSON.parse(value!.toString()) as { id: string };
        heard.push({ key: key!.toString(), id, header: String(headers!.ce_id) });
      },
    });
    await eventually('the events', async () => heard.length >= EVENTS / 2);
    await consumer.disconnect();
    for (let key = 0; key < KEYS; key++) {
      const expected = Array.from({ length: EVENTS / 2 }, (_, i) => i).filter((i) => i % KEYS === key);
      const ids = heard.filter((one) => one.key === `order-${key}`).map(({ id }) => id);
      expect(ids).toEqual(expected.map((i) => `event-${i}`));
    }
    expect(heard.every(({ id, header }) => id === header)).toBe(true);

    expect((await replay(...where, ...times)).stderr).toContain('order-events is there already');
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('are not looked for between times that make no sense', async () => {
    const { stderr } = await replay(
      '--brokers',
      'nowhere:1',
      '--to-prefix',
      'r1-',
      '--since',
      'now',
      '--until',
      'then',
    );
    expect(stderr).toMatch(/^kafka-replay: --since and --until must be times such as .*\n$/);
    expect((await replay('--broker', 'nowhere:1')).stderr).toMatch(/^kafka-replay: Unknown option.*\(--help\)\n$/);
  });
});
