import type { HealthRegistry, Metrics } from '@nakku/observability';
import type { Consumer } from './consumer.js';
import { EventServer } from './event.server.js';
import { KafkaClient } from './kafka.client.js';
import { KafkaGroup } from './kafka.group.js';
import { KafkaLag } from './kafka.lag.js';
import { toMessage } from './kafka.message.js';
import type { KafkaSettings, TopicShape } from './kafka.settings.js';
import type { Envelope } from './event.js';
import type { Transport } from './transport.js';

/** Nest's transport strategy for events that go by Kafka: collects the `@On` handlers, and makes each listening domain a consumer group. */
export class KafkaServer extends EventServer {
  override transportId = Symbol('kafka');
  private readonly client: KafkaClient;
  private groups: KafkaGroup[] = [];

  /** Throws ConfigError for settings that do not go together. `topology`: of topics that are made, where the environment does not say. */
  constructor(transport: Transport, settings: KafkaSettings, topology?: Partial<TopicShape>) {
    super(transport);
    transport.mode = 'kafka';
    this.client = new KafkaClient(settings, transport.domains, topology);
  }

  /** Does not wait for Kafka: a process whose broker is away serves requests, and its events wait in the outbox. */
  listen(callback: (error?: unknown) => void): void {
    const byDomain = new Map<string, Consumer[]>();
    for (const consumer of [...this.consumers.values()].flat())
      byDomain.set(consumer.domain, [...(byDomain.get(consumer.domain) ?? []), consumer]);
    this.groups = [...byDomain].map(([domain, consumers]) => new KafkaGroup(this.client, domain, consumers));
    for (const group of this.groups) group.start();
    this.transport.start((envelope) => this.publish(envelope)).then(() => callback(), callback);
  }

  /** Fetching stops, lanes end within the grace, offsets are committed, the groups are left, what was published is sent. Then databases may close. */
  async close(): Promise<void> {
    const end = Date.now() + this.transport.stopGraceMs;
    this.transport.stopRetrying();
    await Promise.all(this.groups.map((group) => group.drain(end)));
    await Promise.all([this.transport.stop(Math.max(0, end - Date.now())), this.client.producer.close(end)]);
  }

  /** Throws when no broker answers. The service can do without: its events wait. */
  checkBrokers(): Promise<void> {
    return this.client.ping();
  }

  private brokersAnswer(): Promise<boolean> {
    return this.checkBrokers().then(
      () => true,
      () => false,
    );
  }

  /** Throws when a consumer has crashed and is not back after some seconds, which a restart may help. */
  async checkConsumers(): Promise<void> {
    for (const group of this.groups) group.check();
  }

  /** Throws until every domain has joined its group, while Kafka is there: before that what happens elsewhere would wait for it. */
  async checkJoined(): Promise<void> {
    const joining = this.groups.filter(({ hasBegun }) => !hasBegun);
    if (joining.length === 0) return;
    // A try may fail though Kafka is there, e.g. while a new cluster makes its coordinators.
    if (joining.some(({ hasFailed }) => hasFailed) && !(await this.brokersAnswer())) return;
    const domains = joining.map(({ domain }) => domain).join(', ');
    throw Object.assign(new Error(`joining: ${domains}`), { code: 'JOINING' });
  }

  /** Shows all on /health: the brokers for information, the consumers as a condition of life, their groups of readiness. */
  watchedBy(health: HealthRegistry): void {
    health.add('kafka', () => this.checkBrokers(), { informational: true });
    health.add('kafka-consumers', () => this.checkConsumers(), { live: true });
    health.add('kafka-groups', () => this.checkJoined());
  }

  /** Shows on /metrics how far each domain that listens here is behind. */
  measuredBy(metrics: Metrics): KafkaLag {
    return new KafkaLag(this.client, () => this.groups, metrics);
  }

  private publish(envelope: Envelope): Promise<void> {
    const domain = envelope.type.slice(0, envelope.type.indexOf('.'));
    return this.client.send(this.client.topicOf(domain), toMessage(envelope));
  }
}
