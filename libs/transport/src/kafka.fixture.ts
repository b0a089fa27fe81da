import { type Admin, Kafka, type KafkaMessage, logLevel, type Message } from 'kafkajs';
import type { KafkaServer } from './kafka.server.js';

/** Whether the groups of a process are no reason to send it no work. */
export const isReady = (server: KafkaServer): Promise<boolean> =>
  server.checkJoined().then(
    () => true,
    () => false,
  );

/** Looks into a cluster from outside, at the topics and groups of one prefix. */
export class KafkaProbe {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  readonly deadTopic: string;

  constructor(brokers: readonly string[], prefix: string) {
    this.kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    this.topic = `${prefix}-order-events`;
    this.group = `${prefix}-cart`;
    this.deadTopic = `${this.topic}.${this.group}.dead`;
  }

  async admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** How many members the group has; 0 while it is being rebalanced. */
  members(): Promise<number> {
    return this.admin(async (admin) => {
      const { groups } = await admin.describeGroups([this.group]);
      return groups[0]?.state === 'Stable' ? groups[0].members.length : 0;
    });
  }

  /** How many messages of the topic are not committed. */
  lag(): Promise<number> {
    return this.admin(async (admin) => {
      const [offsets] = await admin.fetchOffsets({ groupId: this.group, topics: [this.topic] });
      const ends = await admin.fetchTopicOffsets(this.topic);
      const of = (wanted: number) => offsets!.partitions.find(({ partition }) => partition === wanted)!.offset;
      return ends.reduce(
        (sum, { partition, high, low }) => sum + Number(high) - Math.max(Number(low), Number(of(partition))),
        0,
      );
    });
  }

  async write(topic: string, messages: Message[]): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }

  /** Whether the topic is there. */
  exists(topic: string): Promise<boolean> {
    return this.admin(async (admin) => (await admin.listTopics()).includes(topic));
  }

  /** The first `count` messages of a topic that is there. */
  async read(topic: string, count: number): Promise<KafkaMessage[]> {
    const consumer = this.kafka.consumer({ groupId: `${this.group}-probe-${Math.random()}`, maxWaitTimeInMs: 100 });
    const found: KafkaMessage[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: { message: KafkaMessage }) => {
        found.push(message);
        if (found.length >= count) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return found;
  }
}

/** The headers of a message as texts. */
export const headersOf = ({ headers }: KafkaMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
