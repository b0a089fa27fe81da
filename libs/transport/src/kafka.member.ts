import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './kafka.client.js';
import { passes } from './kafka.errors.js';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
/** A consumer that crashed and is not back by then asks for a restart of the process. */
const FORGIVEN_MS = 5000;
/** A group's coordinator may take half a minute to be found while brokers start; with most brokers gone it is found no more. */
const AWAITED_MS = 60_000;
/** Rebalances may take a minute; after this without a fetch the consumer is stuck. */
const STUCK_AFTER_MS = 90_000;

export interface MemberHooks {
  /** It has these partitions from now on. */
  joined(assigned: Record<string, number[]>): void;
  /** The group is about to be rebalanced; commits still count. */
  leaving(): void;
  /** Takes messages without waiting; gives back the offset of the last one taken. */
  batch(payload: EachBatchPayload): string | undefined;
}

/**
 * A member of a consumer group that stays one. kafkajs leaves a process alive that consumes nothing after an error that it does not retry;
 * here whatever ends a consumer is followed by a new one, and `check` fails meanwhile unless it is only that Kafka is away.
 */
export class KafkaMember {
  private readonly logger = new Logger('kafka');
  private readonly stop = new AbortController();
  private readonly stopped = new Promise<void>((resolve) => {
    this.stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  private consumer?: Consumer;
  private running?: Promise<void>;
  private failures = 0;
  private joinedOnce = false;
  private failed?: { error: unknown; at: number };
  private lastSign = 0;
  private startedAt = 0;

  constructor(
    private readonly client: KafkaClient,
    private readonly groupId: string,
    private readonly topics: readonly string[],
    private readonly hooks: MemberHooks,
  ) {}

  start(): void {
    this.startedAt = performance.now();
    this.running = this.keepConsuming();
  }

  /** Throws when the consumer has crashed some seconds ago and has not joined its group again. */
  check(): void {
    if (!this.failed || performance.now() - this.failed.at < FORGIVEN_MS) return;
    throw Object.assign(new Error(`${this.groupId} is not consumed`, { cause: this.failed.error }), {
      code: 'CONSUMER_CRASHED',
    });
  }

  /** Whether it has joined its group since the start, or has tried for so long that nobody should wait for it. */
  get hasBegun(): boolean {
    return this.joinedOnce || performance.now() - this.startedAt > AWAITED_MS;
  }

  /** Whether its latest try has failed. */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  pause(): void {
    this.fetching((consumer, topics) => consumer.pause(topics));
  }

  resume(): void {
    this.fetching((consumer, topics) => consumer.resume(topics));
  }

  async commit(marks: { topic: string; partition: number; offset: string }[]): Promise<void> {
    if (!this.consumer) throw new Error('no consumer runs');
    await this.consumer.commitOffsets(marks);
  }

  /** Leaves the group, so that its partitions go to others at once; waits at most `ms`. */
  async leave(ms: number): Promise<void> {
    this.stop.abort();
    await Promise.race([this.running, sleep(ms, undefined, { ref: false })]);
  }

  private async keepConsuming(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const error = await this.consume();
      if (signal.aborted) return;
      this.note(error);
      const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.failures++, 10));
      await sleep(ms * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Consumes until that ends, and tells why. */
  private async consume(): Promise<unknown> {
    const consumer = this.client.consumer(this.groupId);
    try {
      await Promise.race([this.run(consumer), this.stopped]);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      this.consumer = undefined;
      await this.end(consumer);
    }
  }

  private async run(consumer: Consumer): Promise<void> {
    const crashed = this.watch(consumer);
    await this.client.topics.ensure(this.topics);
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    if (this.stop.signal.aborted) return; // it would join the group after we have left it
    this.consumer = consumer;
    const eachBatch = async (payload: EachBatchPayload) => this.take(consumer, payload);
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    await Promise.race([crashed, this.stuck(consumer)]);
  }

  /** Follows what kafkajs tells of a consumer; the promise rejects when it has crashed. */
  private watch(consumer: Consumer): Promise<never> {
    const { CRASH, GROUP_JOIN, REBALANCING, FETCH, HEARTBEAT } = consumer.events;
    const crashed = new Promise<never>((_, reject) => consumer.on(CRASH, ({ payload }) => reject(payload.error)));
    crashed.catch(() => undefined); // it may come before anybody waits for it
    const alive = () => (this.lastSign = performance.now());
    consumer.on(FETCH, alive);
    consumer.on(HEARTBEAT, alive);
    consumer.on(REBALANCING, () => this.hooks.leaving());
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (this.consumer === consumer) this.joined(payload.memberAssignment);
    });
    alive();
    return crashed;
  }

  private take(consumer: Consumer, payload: EachBatchPayload): void {
    const last = this.consumer === consumer ? this.hooks.batch(payload) : undefined;
    if (last === undefined) return;
    try {
      payload.resolveOffset(last);
    } catch {
      // The partition went to another member while its messages were on their way here.
    }
  }

  private joined(assigned: Record<string, number[]>): void {
    this.lastSign = performance.now();
    if (this.failures > 0) this.logger.log({ group: this.groupId }, 'consuming again');
    this.failures = 0;
    this.joinedOnce = true;
    this.failed = undefined;
    this.hooks.joined(assigned);
  }

  private note(error: unknown): void {
    const context = { err: error, group: this.groupId };
    if (passes(error))
      this.logger[this.failures > 0 ? 'debug' : 'warn'](
        context,
        'Kafka cannot be consumed now: a new try follows until it can',
      );
    else this.logger.error(context, 'a consumer crashed: a new one takes its place');
    this.failed = passes(error) ? undefined : (this.failed ?? { error, at: performance.now() });
    this.client.topics.forget(this.topics);
  }

  private fetching(change: (consumer: Consumer, topics: { topic: string }[]) => void): void {
    const topics = this.topics.map((topic) => ({ topic }));
    try {
      if (this.consumer) change(this.consumer, topics);
    } catch {
      // It does not run yet, or no more: a consumer that begins fetches all.
    }
  }

  /** Rejects when the consumer has shown no life for long though nothing has crashed. */
  private async stuck(consumer: Consumer): Promise<void> {
    while (this.consumer === consumer) {
      await sleep(STUCK_AFTER_MS / 10, undefined, { ref: false, signal: this.stop.signal });
      const silentMs = performance.now() - this.lastSign;
      if (silentMs > STUCK_AFTER_MS) throw new Error(`${this.groupId} has fetched nothing for ${silentMs} ms`);
    }
  }

  /** A consumer that cannot reach its broker may take half a minute to end: nobody waits for it. */
  private async end(consumer: Consumer): Promise<void> {
    const ended = consumer
      .disconnect()
      .catch((err: unknown) => this.logger.debug({ err }, 'a consumer did not end well'));
    await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
  }
}
