import { type Admin, type Consumer, Kafka, type Message } from 'kafkajs';
import { kafkaConfig } from './kafka.config.js';
import { KafkaProducer } from './kafka.producer.js';
import { type KafkaSettings, topicShape, type TopicShape } from './kafka.settings.js';
import { KafkaTopics } from './kafka.topics.js';
import { lagOf } from './kafka.progress.js';

/** Partitions are given away a second after a member has left or come, at the cost of a request a second for each domain. */
const HEARTBEAT_MS = 1000;
/** The broker answers as soon as there is something; this is how long an idle consumer takes to notice a stop. */
const LONGEST_POLL_MS = 200;
const FETCH_BYTES = 2 * 1024 * 1024;
const PARTITION_BYTES = 512 * 1024;
const ADMIN_RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };
const CONSUMER_RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 };

/** The process's way to Kafka: one client, one producer, the topics. */
export class KafkaClient {
  readonly topics: KafkaTopics;
  readonly producer: KafkaProducer;
  private readonly kafka: Kafka;
  private pinging?: Promise<void>;

  constructor(
    private readonly settings: KafkaSettings,
    services: readonly string[],
    topology: Partial<TopicShape> = {},
  ) {
    this.kafka = new Kafka(kafkaConfig(settings, services));
    this.topics = new KafkaTopics((work) => this.withAdmin(work), topicShape(settings, topology));
    this.producer = new KafkaProducer(this.kafka, this.topics);
  }

  /** `<prefix><domain>-events` */
  topicOf(domain: string): string {
    return `${this.settings.KAFKA_TOPIC_PREFIX ?? ''}${domain}-events`;
  }

  /** `<KAFKA_GROUP_ID>-<domain>` */
  groupOf(domain: string): string {
    return `${this.settings.KAFKA_GROUP_ID}-${domain}`;
  }

  /** See KafkaProducer.send. */
  send(topic: string, message: Message, withinMs?: number): Promise<void> {
    return this.producer.send(topic, message, withinMs);
  }

  /** A consumer of a group. It does not restart itself: who uses it makes a new one, which is all that helps against some errors. */
  consumer(groupId: string): Consumer {
    return this.kafka.consumer({
      groupId,
      sessionTimeout: this.settings.KAFKA_SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: LONGEST_POLL_MS,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_BYTES,
      allowAutoTopicCreation: false,
      retry: { ...CONSUMER_RETRY, restartOnFailure: async () => false },
    });
  }

  /** Throws when no broker answers. Several at once share one question. */
  ping(): Promise<void> {
    this.pinging ??= this.withAdmin(async (admin) => void (await admin.describeCluster())).finally(
      () => (this.pinging = undefined),
    );
    return this.pinging;
  }

  /** How many messages of each topic the group has not committed. Throws when no broker answers. */
  lagOf(groupId: string, topics: readonly string[]): Promise<Map<string, number>> {
    return this.withAdmin((admin) => lagOf(admin, groupId, topics));
  }

  private async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin({ retry: ADMIN_RETRY });
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      void admin.disconnect().catch(() => undefined);
    }
  }
}
