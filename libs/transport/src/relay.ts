import { Logger } from '@nestjs/common';
import { type Database } from '@nakku/database';
import { In } from 'typeorm';
import type { Envelope } from './event.js';
import { OutboxRow } from './transport.entity.js';

/** Delivers an event to everybody who listens; resolves when each of them has applied it or put it aside as a dead letter. */
export type Deliver = (envelope: Envelope) => Promise<void>;

const MAX_IN_FLIGHT = 5000;
const POLL_MS = 1000;
const DELETE_AFTER_MS = 25;

/** Takes a domain's committed events out of its outbox and hands them to the transport, each key in order, at least once. */
export class Relay {
  private readonly logger = new Logger('relay');
  private readonly inFlight = new Set<string>();
  private delivered: string[] = [];
  private deleting?: NodeJS.Timeout;
  private polling?: NodeJS.Timeout;
  private deliver?: Deliver;
  /** Rows are waiting in the table that were not handed over: until they are, new ones queue behind them. */
  private behind = true;
  /** Something was committed while the table was being read. */
  private missed = false;
  private pollRunning?: Promise<void>;

  constructor(private readonly database: Database) {}

  /** Begins to deliver, with what an earlier run has left. */
  async start(deliver: Deliver): Promise<void> {
    this.deliver = deliver;
    await this.poll();
    this.polling = setInterval(() => void this.poll(), POLL_MS);
  }

  /** Takes an event that was committed just now; without a word it is found by the next poll. */
  offer(envelope: Envelope): void {
    if (this.inFlight.has(envelope.id)) return; // a poll has seen it first
    if (this.inFlight.size >= MAX_IN_FLIGHT) this.behind = true;
    if (this.behind) this.missed = true;
    else this.handOver(envelope);
  }

  /** Stops taking events, and waits for those on their way (at most `graceMs`). */
  async stop(graceMs: number): Promise<void> {
    this.deliver = undefined;
    clearInterval(this.polling);
    await this.pollRunning;
    const end = Date.now() + graceMs;
    while (this.inFlight.size > this.delivered.length && Date.now() < end) await new Promise((r) => setTimeout(r, 10));
    clearTimeout(this.deleting);
    await this.forgetDelivered();
  }

  /** How many events wait and how old the oldest is, in seconds. */
  async backlog(): Promise<{ pending: number; oldestSeconds: number }> {
    const row = await this.database.manager
      .createQueryBuilder(OutboxRow, 'row')
      .select('COUNT(*)', 'pending')
      .addSelect('MIN(row.createdAt)', 'oldest')
      .getRawOne<{ pending: number; oldest: string | null }>();
    const oldest = row?.oldest ? (Date.now() - Date.parse(row.oldest)) / 1000 : 0;
    return { pending: Number(row?.pending ?? 0), oldestSeconds: Math.max(0, oldest) };
  }

  private poll(): Promise<void> {
    this.pollRunning ??= this.readTable()
      .catch((err: unknown) => this.logger.error({ err, domain: this.database.name }, 'the outbox could not be read'))
      .finally(() => (this.pollRunning = undefined));
    return this.pollRunning;
  }

  private async readTable(): Promise<void> {
    const room = MAX_IN_FLIGHT - this.inFlight.size;
    if (!this.deliver || room <= 0) return;
    this.missed = false;
    const rows = await this.database.manager.find(OutboxRow, {
      order: { seq: 'ASC' },
      take: this.inFlight.size + room,
    });
    for (const { id, envelope } of rows) if (!this.inFlight.has(id)) this.handOver(JSON.parse(envelope) as Envelope);
    // Until a round has found everything, what commits meanwhile must not overtake the rows that are still in the table.
    this.behind = this.missed || this.inFlight.size >= MAX_IN_FLIGHT;
    if (this.behind) setTimeout(() => void this.poll(), 10).unref();
  }

  private handOver(envelope: Envelope): void {
    if (!this.deliver) return;
    this.inFlight.add(envelope.id);
    this.deliver(envelope).then(
      () => this.markDelivered(envelope.id),
      (err: unknown) => {
        this.logger.error({ err, type: envelope.type }, 'an event was not delivered: it is tried again');
        this.inFlight.delete(envelope.id);
      },
    );
  }

  private markDelivered(id: string): void {
    this.delivered.push(id);
    this.deleting ??= setTimeout(() => void this.forgetDelivered(), DELETE_AFTER_MS);
  }

  /** A row that stays because this fails is delivered again after a restart, and dropped by the listeners' inboxes. */
  private async forgetDelivered(): Promise<void> {
    this.deleting = undefined;
    const ids = this.delivered.splice(0, 500);
    if (ids.length === 0) return;
    try {
      await this.database.transaction(
        () =>
          this.database.manager
            .createQueryBuilder()
            .delete()
            .from(OutboxRow)
            .where({ id: In(ids) })
            .execute(),
        { lazy: true },
      );
      for (const id of ids) this.inFlight.delete(id);
    } catch (err) {
      this.logger.error({ err }, 'delivered events could not be taken out of the outbox');
      this.delivered.push(...ids);
    }
    if (this.delivered.length > 0) this.deleting ??= setTimeout(() => void this.forgetDelivered(), DELETE_AFTER_MS);
  }
}
