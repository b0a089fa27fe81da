#!/usr/bin/env node
// After databases were restored to a moment: see docs/operations/backup.md, After a restore. `--help` says how.
import { Kafka, logLevel } from 'kafkajs';
import { parseArgs } from 'node:util';

const HELP = `node deploy/backup/kafka-replay.mjs --brokers HOST:PORT,... --since TIME --until TIME --to-prefix NEW [--from-prefix OLD]

Copies the events that were published from TIME up to TIME (by their own time, UTC) from the topics <OLD><domain>-events to topics
<NEW><domain>-events, which it makes. Services that then start with KAFKA_TOPIC_PREFIX=<NEW> and a new KAFKA_GROUP_ID hear them again, and drop
what they have handled; what came later, from transactions that the restored databases do not have, they never hear.
`;
const DOMAINS = 'user product inventory order cart payment delivery notification location analytics'.split(' ');

const fail = (text) => {
  process.stderr.write(`kafka-replay: ${text}\n`);
  process.exit(1);
};

function read() {
  try {
    return parseArgs({
      options: {
        brokers: { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        'from-prefix': { type: 'string', default: '' },
        'to-prefix': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message} (--help)`);
  }
}

const options = read();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [since, until] = [Date.parse(options.since), Date.parse(options.until)];
const { 'from-prefix': from, 'to-prefix': to } = options;
if (!options.brokers || !to) fail('--brokers and --to-prefix are needed (--help)');
if (!(since < until)) fail('--since and --until must be times such as 2026-11-25T07:30:00Z, in this order');
if (from === to || !/^[A-Za-z0-9._-]{1,60}$/.test(to))
  fail('--to-prefix must be another name than --from-prefix: letters, digits, . _ -');

const kafka = new Kafka({ clientId: 'nakku-replay', brokers: options.brokers.split(','), logLevel: logLevel.NOTHING });
const group = `nakku-replay-${process.pid}-${Date.now()}`;
const [admin, consumer, producer] = [kafka.admin(), kafka.consumer({ groupId: group }), kafka.producer()];

/** From where to where each partition of a topic is to be read; what is empty there is left out. */
async function spans(topic) {
  const ends = await admin.fetchTopicOffsets(topic);
  const starts = await admin.fetchTopicOffsetsByTimestamp(topic, since);
  const startOf = new Map(starts.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends
    .map(({ partition, high }) => ({ topic, partition, from: startOf.get(partition) ?? 0, to: Number(high) }))
    .filter((span) => span.from < span.to);
}

async function mirror(topics) {
  const { topics: described } = await admin.fetchTopicMetadata({ topics });
  const there = await admin.listTopics();
  const fresh = described.map(({ name, partitions }) => ({
    topic: to + name.slice(from.length),
    numPartitions: partitions.length,
    replicationFactor: partitions[0].replicas.length,
  }));
  const taken = fresh.find(({ topic }) => there.includes(topic));
  if (taken) fail(`${taken.topic} is there already: choose another --to-prefix`);
  await admin.createTopics({ topics: fresh, waitForLeaders: true });
}

/** Reads the spans and writes what belongs to the time; a partition keeps its number, and so the order of its keys. */
async function copy(all) {
  const left = new Map(all.map((span) => [`${span.topic} ${span.partition}`, span]));
  let copied = 0;
  let done;
  const finished = new Promise((resolve, reject) => (done = { resolve, reject }));
  await consumer.subscribe({ topics: [...new Set(all.map(({ topic }) => topic))], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { topic, partition, messages } }) => {
      const key = `${topic} ${partition}`;
      const span = left.get(key);
      if (!span) return;
      const wanted = messages.filter(({ offset, value }) => Number(offset) < span.to && within(value));
      const rows = wanted.map(({ key: subject, value, headers }) => ({ key: subject, value, headers, partition }));
      if (rows.length > 0) await producer.send({ topic: to + topic.slice(from.length), acks: -1, messages: rows });
      copied += rows.length;
      if (Number(messages.at(-1).offset) >= span.to - 1) left.delete(key);
      if (left.size === 0) done.resolve();
    },
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  for (const span of all) consumer.seek({ topic: span.topic, partition: span.partition, offset: String(span.from) });
  await finished;
  return copied;
}

function within(value) {
  try {
    const time = Date.parse(JSON.parse(value.toString()).time);
    return time >= since && time < until;
  } catch {
    return false; // nobody could handle it
  }
}

try {
  await Promise.all([admin.connect(), consumer.connect(), producer.connect()]);
  const known = await admin.listTopics();
  const topics = DOMAINS.map((domain) => `${from}${domain}-events`).filter((topic) => known.includes(topic));
  if (topics.length === 0) fail(`there is no topic named ${from}<domain>-events at ${options.brokers}`);
  const all = (await Promise.all(topics.map(spans))).flat();
  await mirror(topics);
  const copied = all.length > 0 ? await copy(all) : 0;
  await consumer.disconnect();
  await admin.deleteGroups([group]).catch(() => undefined);
  process.stdout.write(`${copied} events of ${topics.length} topics are in ${to}<domain>-events\n`);
  process.exit(0);
} catch (error) {
  fail(error.message);
}
