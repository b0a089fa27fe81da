import { Logger } from '@nestjs/common';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { type Consumer, describe } from './consumer.js';
import type { Envelope } from './event.js';
import type { KafkaClient } from './kafka.client.js';
import { KafkaMember } from './kafka.member.js';
import { type Incoming, read, toDeadMessage, typeOf } from './kafka.message.js';
import { Offsets } from './kafka.offsets.js';
import { deadTopicOf } from './kafka.topics.js';
import { Lanes } from './lanes.js';

/** How many messages a domain holds in memory; then it stops to fetch until half of them are handled. */
const MAX_IN_FLIGHT = 1000;
const COMMIT_MS = 500;
const COMMIT_AGAIN_MS = 5000;
const LEAVE_MS = 3000;
/** How long a dead letter is kept from being forgotten by Kafka alone; the table has it anyway. */
const DEAD_WITHIN_MS = 30_000;

/** Where a message was. */
interface Place {
  topic: string;
  partition: number;
  offset: number;
}

/**
 * A domain that listens by Kafka, as a consumer group of its own. Messages go to lanes by their key, in memory, and fetching goes on: so a
 * key whose event is tried again holds up nobody else, and a handler may take longer than the session, because nothing that keeps the
 * membership alive waits for it. Only low-water marks are committed.
 *
 * When partitions go to another member, what runs of them here runs on. Both members may then handle the same message; the inbox lets one
 * of them have the effect, and since either applies a key's messages in order, the order holds for both together.
 */
export class KafkaGroup {
  private readonly logger = new Logger('kafka');
  private readonly lanes = new Lanes();
  private readonly offsets = new Offsets();
  private readonly member: KafkaMember;
  private readonly consumers: ReadonlyMap<string, Consumer>;
  readonly topics: readonly string[];
  private inFlight = 0;
  private heldBack = false;
  private stopping = false;
  private committing?: Promise<void>;
  private commitsFrom = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly client: KafkaClient,
    readonly domain: string,
    consumers: readonly Consumer[],
  ) {
    this.consumers = new Map(consumers.map((consumer) => [consumer.definition.type, consumer]));
    this.topics = [...new Set(consumers.map(({ definition }) => client.topicOf(definition.domain)))];
    this.member = new KafkaMember(client, client.groupOf(domain), this.topics, {
      joined: (assigned) => this.joined(assigned),
      leaving: () => void this.commit(),
      batch: (payload) => this.take(payload),
    });
  }

  start(): void {
    this.member.start();
    this.timer = setInterval(() => {
      if (performance.now() >= this.commitsFrom) void this.commit();
    }, COMMIT_MS);
  }

  /** Throws when the group is not being read though Kafka is there. */
  check(): void {
    this.member.check();
  }

  /** False while the first join of the group is worth waiting for. */
  get hasBegun(): boolean {
    return this.member.hasBegun;
  }

  /** Whether the latest try to join has failed. */
  get hasFailed(): boolean {
    return this.member.hasFailed;
  }

  /** Fetches no more, lets what is in memory end (until `end`, epoch milliseconds), commits and leaves the group. */
  async drain(end: number): Promise<void> {
    this.stopping = true;
    this.holdBack();
    while (this.inFlight > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    clearInterval(this.timer);
    await Promise.race([this.commitRest(), new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref())]);
    await this.member.leave(LEAVE_MS);
  }

  /** A new generation: reading begins at what is committed, and the new member of a restarted consumer is not held back. */
  private joined(assigned: Readonly<Record<string, number[]>>): void {
    this.offsets.rebalanced(assigned);
    this.commitsFrom = 0;
    if (this.heldBack) this.member.pause();
    this.release();
  }

  /** Never throws and waits for nothing. Gives back the offset up to which messages were taken. */
  private take({ batch }: EachBatchPayload): string | undefined {
    const { topic, partition, messages } = batch;
    let last: string | undefined;
    for (const message of messages) {
      if (this.inFlight >= MAX_IN_FLIGHT) this.holdBack();
      if (this.heldBack) return last;
      this.hand({ topic, partition, offset: Number(message.offset) }, message);
      last = message.offset;
    }
    return batch.lastOffset();
  }

  private hand(place: Place, message: KafkaMessage): void {
    const { topic, partition, offset } = place;
    const type = typeOf(message);
    const reading = type === undefined || this.consumers.has(type) ? read(message) : undefined;
    if (reading && 'malformed' in reading)
      return this.run(place, `${topic} ${partition} ${offset}`, () => this.bury(place, message, reading.malformed));
    const consumer = reading && this.consumers.get(reading.envelope.type);
    if (!consumer) return this.offsets.read(topic, partition, offset, offset + 1); // nobody here listens to it
    const { envelope } = reading;
    this.run(place, `${topic} ${envelope.subject}`, () => this.handle(place, message, consumer, envelope));
  }

  private run(place: Place, lane: string, work: () => Promise<void>): void {
    const { topic, partition, offset } = place;
    if (!this.offsets.begin(topic, partition, offset)) return;
    this.inFlight++;
    this.lanes
      .run(lane, work)
      .then(() => this.offsets.end(topic, partition, offset))
      .catch((err: unknown) => this.logger.debug({ err, ...place }, 'not handled before the stop: it comes again'))
      .finally(() => {
        this.inFlight--;
        this.release();
      });
  }

  private async handle(place: Place, message: Incoming, consumer: Consumer, envelope: Envelope): Promise<void> {
    const death = await consumer.consume(envelope);
    if (!death) return;
    const why = { ...this.origin(place), error: describe(death.error), tries: death.tries };
    // The table has it, for the API; the topic is for whoever watches topics.
    await this.toDeadTopic(place, message, why).catch((err: unknown) =>
      this.logger.error({ err, ...place }, 'a dead letter is in the table, but could not be sent to its topic'),
    );
  }

  /** Nobody can handle what is no event. It goes to the dead topic as it is; should even that fail for long, the log says where it was. */
  private async bury(place: Place, message: Incoming, malformed: string): Promise<void> {
    this.logger.error({ ...place, malformed }, `${this.domain} put a message aside that is no event`);
    try {
      await this.toDeadTopic(place, message, { ...this.origin(place), error: malformed });
    } catch (err) {
      if (this.stopping) throw err;
      this.logger.error({ err, ...place }, 'a message that is no event could not be sent to the dead topic');
    }
  }

  private toDeadTopic({ topic }: Place, message: Incoming, why: Record<string, string | number>): Promise<void> {
    const dead = deadTopicOf(topic, this.client.groupOf(this.domain));
    return this.client.send(dead, toDeadMessage(message, why), DEAD_WITHIN_MS);
  }

  private origin(place: Place): Record<string, string | number> {
    return { ...place, group: this.client.groupOf(this.domain), at: new Date().toISOString() };
  }

  private holdBack(): void {
    if (this.heldBack) return;
    this.heldBack = true;
    this.member.pause();
  }

  private release(): void {
    if (!this.heldBack || this.stopping || this.inFlight > MAX_IN_FLIGHT / 2) return;
    this.heldBack = false;
    this.member.resume();
  }

  private async commitRest(): Promise<void> {
    await this.committing;
    await this.commit();
  }

  /** What fails here is committed the next time, or read again by whoever has the partition then. */
  private commit(): Promise<void> {
    const marks = this.offsets.uncommitted();
    if (marks.length === 0) return Promise.resolve();
    this.committing ??= this.member
      .commit(marks)
      .then(() => this.offsets.committed(marks))
      .catch((err: unknown) => {
        this.commitsFrom = performance.now() + COMMIT_AGAIN_MS; // kafkajs has tried for seconds already
        this.logger.debug({ err }, 'offsets were not committed');
      })
      .finally(() => (this.committing = undefined));
    return this.committing;
  }
}
