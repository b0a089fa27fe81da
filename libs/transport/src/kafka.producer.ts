import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Kafka, Message } from 'kafkajs';
import { isProducerFault, isUnreachable, typeOfError } from './kafka.errors.js';
import { ProducerSession } from './kafka.session.js';
import type { KafkaTopics } from './kafka.topics.js';

const BATCH_MESSAGES = 500;
/** A partition's part of a request is one record batch, which brokers refuse above 1 MiB. */
const BATCH_BYTES = 512 * 1024;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

interface Waiting {
  topic: string;
  message: Message;
  bytes: number;
  /** From then on it is given up when it fails. */
  until: number;
  resolve: () => void;
  reject: (reason: Error) => void;
}

/**
 * The one producer of a process. What waits goes together, one request in flight; the others gather meanwhile, so that nothing waits for
 * its own sake and a busy process sends few, large requests. It sends until a broker has it: what is sent twice by that is dropped by
 * the inboxes. The events of a key arrive in the order of `send`.
 */
export class KafkaProducer {
  private readonly logger = new Logger('kafka');
  private queue: Waiting[] = [];
  /** Those in the queue and those on their way. */
  private readonly unsettled = new Set<Waiting>();
  private sending?: Promise<void>;
  private session?: Promise<ProducerSession>;
  /** When topics that refused messages are tried again. */
  private readonly refusing = new Map<string, number>();
  private failures = 0;
  private closing = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly topics: Pick<KafkaTopics, 'ensure' | 'forget'>,
  ) {}

  /** Whether the last try has failed, so that messages wait. */
  get failing(): boolean {
    return this.failures > 0;
  }

  /** Resolves when all replicas in sync have it; rejects when the producer closes before, or when it still fails after `withinMs`. */
  send(topic: string, message: Message, withinMs = Infinity): Promise<void> {
    if (this.closing) return Promise.reject(closed());
    const bytes = (message.value?.length ?? 0) + 200;
    return new Promise<void>((resolve, reject) => {
      const one = { topic, message, bytes, until: Date.now() + withinMs, resolve, reject };
      this.unsettled.add(one);
      this.queue.push(one);
      this.sending ??= this.run();
    });
  }

  /** Sends what waits, until `end` (epoch milliseconds) or a failure, then disconnects. */
  async close(end: number): Promise<void> {
    this.closing = true;
    const left = this.failing ? 0 : Math.max(0, end - Date.now());
    if (this.sending) await Promise.race([this.sending, sleep(left, undefined, { ref: false })]);
    this.queue = [];
    for (const one of this.unsettled) this.fail(one, closed());
    await Promise.race([this.discard(), sleep(1000, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    await new Promise(setImmediate); // those who come in the same turn of the event loop go in the same request
    while (this.queue.length > 0 && !(this.closing && this.failing)) {
      const batch = this.next();
      if (batch.length > 0) await this.sendSome(batch);
      else await sleep(FIRST_WAIT_MS); // all that is left is for topics that refuse it
    }
    this.sending = undefined;
  }

  /** What fits into a request, in order, but for messages whose topic has to wait. */
  private next(): Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const now = Date.now();
    let bytes = 0;
    let full = false;
    for (const one of this.queue) {
      const waits = (this.refusing.get(one.topic) ?? 0) > now;
      full ||= batch.length >= BATCH_MESSAGES || (batch.length > 0 && bytes + one.bytes > BATCH_BYTES);
      if (full || waits) rest.push(one);
      else {
        batch.push(one);
        bytes += one.bytes;
      }
    }
    this.queue = rest;
    return batch;
  }

  private async sendSome(batch: Waiting[]): Promise<void> {
    const byTopic = groups(batch);
    try {
      await this.deliver(byTopic);
    } catch (error) {
      await this.recover(byTopic, error);
      return;
    }
    this.succeeded(byTopic.keys());
    for (const one of batch) {
      this.unsettled.delete(one);
      one.resolve();
    }
  }

  private async deliver(byTopic: ReadonlyMap<string, Waiting[]>): Promise<void> {
    await this.topics.ensure([...byTopic.keys()]);
    this.session ??= ProducerSession.open(this.kafka);
    const session = await this.session;
    await session.send(new Map([...byTopic].map(([topic, list]) => [topic, list.map(({ message }) => message)])));
  }

  /** Sends topic by topic what some topic has refused, so that its trouble is not the others'; else waits and tries again. */
  private async recover(byTopic: ReadonlyMap<string, Waiting[]>, error: unknown): Promise<void> {
    void this.discard();
    const refused = !isUnreachable(error) && !isProducerFault(error);
    if (refused && byTopic.size > 1) {
      for (const batch of byTopic.values()) await this.sendSome(batch);
      return;
    }
    this.complain([...byTopic.keys()], error);
    const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.failures++, 10));
    const failed = [...byTopic.values()].flat();
    for (const one of failed) if (Date.now() >= one.until) this.fail(one, error as Error);
    this.queue.unshift(...failed.filter((one) => this.unsettled.has(one)));
    this.topics.forget([...byTopic.keys()]);
    if (refused) for (const topic of byTopic.keys()) this.refusing.set(topic, Date.now() + ms);
    else if (!this.closing) await sleep(ms * (0.5 + Math.random() / 2));
  }

  private fail(one: Waiting, reason: Error): void {
    this.unsettled.delete(one);
    one.reject(reason);
  }

  private complain(topics: string[], err: unknown): void {
    const level = this.failing || this.closing ? 'debug' : 'warn';
    this.logger[level]({ err, topics, type: typeOfError(err) }, 'Kafka does not take events: they wait in the outbox');
  }

  private succeeded(topics: Iterable<string>): void {
    for (const topic of topics) this.refusing.delete(topic);
    if (this.failing && this.refusing.size === 0) {
      this.logger.log('Kafka takes events again');
      this.failures = 0;
    }
  }

  private async discard(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.then((one) => one.close()).catch(() => undefined);
  }
}

function groups(batch: readonly Waiting[]): Map<string, Waiting[]> {
  const byTopic = new Map<string, Waiting[]>();
  for (const one of batch) {
    const list = byTopic.get(one.topic);
    if (list) list.push(one);
    else byTopic.set(one.topic, [one]);
  }
  return byTopic;
}

const closed = (): Error => new Error('the process stops: what Kafka has not taken stays in the outbox');
