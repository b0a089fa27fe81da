import { Logger } from '@nestjs/common';
import type { Admin, ITopicConfig } from 'kafkajs';
import type { TopicShape } from './kafka.settings.js';

const DAY_MS = 24 * 3600_000;
const LOOK_AGAIN_MS = 100;
const LEADERS_WITHIN_MS = 15_000;

/** The topics of a cluster: makes those that are missing. */
export class KafkaTopics {
  private readonly logger = new Logger('kafka');
  private readonly known = new Map<string, Promise<void>>();

  constructor(
    private readonly withAdmin: <T>(work: (admin: Admin) => Promise<T>) => Promise<T>,
    private readonly shape: TopicShape,
  ) {}

  /** Resolves when these topics are there and have leaders. Cheap when they are known to be. */
  async ensure(names: readonly string[]): Promise<void> {
    const fresh = names.filter((name) => !this.known.has(name));
    if (fresh.length > 0) {
      const made = this.make(fresh);
      for (const name of fresh) this.known.set(name, made);
      made.catch(() => this.forget(fresh));
    }
    for (const name of names) await this.known.get(name);
  }

  /** Looks at these again the next time: somebody may have deleted them. */
  forget(names: readonly string[]): void {
    for (const name of names) this.known.delete(name);
  }

  private make(names: readonly string[]): Promise<void> {
    return this.withAdmin(async (admin) => {
      await this.create(admin, names);
      await this.leaders(admin, names);
    });
  }

  /** Asks for all of them: what is there stays as it is. (A list of what is there fails when any topic of the cluster has no leader.) */
  private async create(admin: Admin, names: readonly string[]): Promise<void> {
    try {
      // Without waiting for leaders: kafkajs gives that up with an error where a cluster of several brokers takes its time.
      const topics = names.map((name) => this.configOf(name));
      if (await admin.createTopics({ waitForLeaders: false, topics }))
        this.logger.log({ topics: names }, 'topics were made');
    } catch (error) {
      // Whoever may not make topics finds them made by an operator, or hears below that they are missing.
      const errors = (error as { errors?: Error[] }).errors ?? [error as Error];
      const bad = errors.find((one) => !HARMLESS.has((one as { type?: string }).type ?? ''));
      if (bad) throw bad;
    }
  }

  private async leaders(admin: Admin, names: readonly string[]): Promise<void> {
    const end = Date.now() + LEADERS_WITHIN_MS;
    for (;;) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
        if (topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0)))
          return topics.forEach(({ name, partitions }) => this.compare(name, partitions.length));
      } catch (error) {
        if (Date.now() > end) throw new Error(`the topics ${names.join(', ')} cannot be used`, { cause: error });
      }
      if (Date.now() > end) throw new Error(`the topics ${names.join(', ')} have no leaders`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  private compare(topic: string, partitions: number): void {
    const { partitions: configured } = this.shape;
    if (!isDead(topic) && partitions < configured)
      this.logger.warn({ topic, partitions, configured }, 'a topic has fewer partitions than configured');
  }

  private configOf(topic: string): ITopicConfig {
    const { partitions, replication, minIsr } = this.shape;
    return {
      topic,
      numPartitions: isDead(topic) ? 1 : partitions,
      replicationFactor: replication,
      configEntries: [
        { name: 'min.insync.replicas', value: String(minIsr) },
        ...Object.entries(isDead(topic) ? DEAD_KEPT : KEPT).map(([name, value]) => ({ name, value: String(value) })),
      ],
    };
  }
}

/** Shorter than the inboxes remember (seven days): a group that begins anew finds there what it has handled already. */
const KEPT = { 'retention.ms': 5 * DAY_MS, 'segment.ms': DAY_MS };
/** Long enough for somebody to look. */
const DEAD_KEPT = { 'retention.ms': 30 * DAY_MS };

/** Where a group's dead letters of a topic go. */
export const deadTopicOf = (topic: string, group: string): string => `${topic}.${group}.dead`;

const isDead = (topic: string): boolean => topic.endsWith('.dead');

/** Answers to the wish for a topic that do not say that it cannot be used. */
const HARMLESS = new Set(['TOPIC_ALREADY_EXISTS', 'TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);
