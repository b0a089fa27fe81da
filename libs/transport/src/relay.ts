import { Logger } from '@nestjs/common';
import { type Database, newId } from '@nakku/database';
import { In } from 'typeorm';
import type { Envelope } from './event.js';
import { RelayPeers } from './relay.peers.js';
import { RelayTurns } from './relay.turns.js';
import { OutboxRow } from './transport.entity.js';

/** Delivers an event to everybody who listens; resolves when each of them has applied it or put it aside as a dead letter, or a broker has it. */
export type Deliver = (envelope: Envelope) => Promise<void>;

const MAX_IN_FLIGHT = 5000;
const POLL_MS = 1000;
const POLL_AGAIN_MS = 10;
const DELETE_AFTER_MS = 25;
const DELETE_AGAIN_MS = 1000;
const TAKEOVER_MS = 10_000;

/**
 * Takes a domain's committed events out of its outbox and hands them to the transport, each key in order, at least once.
 * Where other processes share the outbox, each sends what it wrote itself (`RelayTurns`), and what a dead one left (`RelayPeers`).
 */
export class Relay {
  /** Whose rows this relay sends. Empty in an embedded store, where all are its own. */
  readonly owner: string;
  private readonly logger = new Logger('relay');
  private readonly inFlight = new Set<string>();
  private readonly turns?: RelayTurns;
  private peers?: RelayPeers;
  private delivered: string[] = [];
  private deleting?: NodeJS.Timeout;
  private polling?: NodeJS.Timeout;
  private pollingSoon?: NodeJS.Timeout;
  private deliver?: Deliver;
  private lastPlace = 0;
  /** Rows are waiting in the table that were not handed over: in an embedded store, until they are, new ones queue behind them. */
  private behind = true;
  /** Something was committed while the table was being read. */
  private missed = false;
  private failing = false;
  private pollRunning?: Promise<void>;

  constructor(private readonly database: Database) {
    this.owner = database.shared ? newId() : '';
    if (database.shared)
      this.turns = new RelayTurns(database, this.owner, {
        send: (envelope) => this.send(envelope),
        drop: (id) => this.inFlight.delete(id),
      });
  }

  /** Begins to deliver, with what an earlier run has left. `takeoverMs`: when a peer that shows no life counts as dead. */
  async start(deliver: Deliver, takeoverMs = TAKEOVER_MS): Promise<void> {
    if (this.database.shared) this.peers = new RelayPeers(this.database, this.owner, takeoverMs);
    this.deliver = deliver;
    await this.resume();
    await this.poll();
    this.polling = setInterval(() => void this.poll(), Math.min(POLL_MS, takeoverMs / 4));
  }

  /**
   * The place of a new event in the order of publication: after everything that this process has published, and after `after`, the last
   * place of the event's key in a shared table. Of two events of a key one of which knows of the other, the later one so comes second,
   * whatever the clocks of their processes say.
   */
  place(after = 0): number {
    this.lastPlace = Math.max(this.lastPlace + 1, after + 1, Date.now() * 1000);
    return this.lastPlace;
  }

  /** Takes an event that was committed just now; without a word it is found by the next poll. */
  offer(envelope: Envelope): void {
    if (this.inFlight.has(envelope.id)) return; // a poll has seen it first
    if (this.inFlight.size >= MAX_IN_FLIGHT) this.behind = true;
    if (this.behind && (!this.turns || this.inFlight.size >= MAX_IN_FLIGHT)) this.missed = true;
    else this.handOver(envelope);
  }

  /** Stops taking events, and waits for those on their way (at most `graceMs`). */
  async stop(graceMs: number): Promise<void> {
    this.deliver = undefined;
    clearInterval(this.polling);
    clearTimeout(this.pollingSoon);
    await this.pollRunning;
    await this.turns?.stop();
    const end = Date.now() + graceMs;
    while (this.inFlight.size > this.delivered.length && Date.now() < end) await new Promise((r) => setTimeout(r, 10));
    clearTimeout(this.deleting);
    while (this.delivered.length > 0 && (await this.forgetDelivered()));
    clearTimeout(this.deleting);
    this.inFlight.clear();
    await this.peers?.leave().catch((err: unknown) => this.logger.debug({ err }, 'a relay could not say goodbye'));
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

  /** The clock may have been set back since the rows were written that are left. */
  private async resume(): Promise<void> {
    const last = await this.database.manager.find(OutboxRow, {
      select: { id: true, seq: true },
      where: { owner: this.owner },
      order: { seq: 'DESC' },
      take: 1,
    });
    this.lastPlace = Math.max(this.lastPlace, last[0]?.seq ?? 0);
  }

  private poll(): Promise<void> {
    this.pollRunning ??= this.readTable()
      .then(() => (this.failing = false))
      .catch((err: unknown) => this.complain(err))
      .then(() => (this.pollRunning = undefined));
    return this.pollRunning;
  }

  /** Once for each time that the database goes away, not once a second. */
  private complain(err: unknown): void {
    if (!this.failing) this.logger.error({ err, domain: this.database.name }, 'the outbox could not be read');
    this.failing = true;
  }

  private async readTable(): Promise<void> {
    await this.peers?.beat();
    await this.peers?.takeOver();
    const room = MAX_IN_FLIGHT - this.inFlight.size;
    if (!this.deliver || room <= 0) return;
    this.missed = false;
    const found = await this.read(this.inFlight.size + room);
    for (const envelope of found) if (!this.inFlight.has(envelope.id)) this.handOver(envelope);
    // Until a round has found everything, what commits meanwhile must not overtake the rows that are still in the table.
    this.behind = this.missed || this.inFlight.size >= MAX_IN_FLIGHT;
    if (this.behind) this.pollingSoon = setTimeout(() => void this.poll(), POLL_AGAIN_MS).unref();
  }

  /** Our rows that were not handed over, the oldest first. Most have been when a table is long, so only the others are read whole. */
  private async read(take: number): Promise<Envelope[]> {
    const { manager } = this.database;
    const { owner } = this;
    const rows = await manager.find(OutboxRow, { select: { id: true }, where: { owner }, order: { seq: 'ASC' }, take });
    const ids = rows.map(({ id }) => id).filter((id) => !this.inFlight.has(id));
    const found: Envelope[] = [];
    for (let from = 0; from < ids.length; from += 500) {
      const where = { id: In(ids.slice(from, from + 500)) };
      for (const { envelope } of await manager.find(OutboxRow, { where, order: { seq: 'ASC' } }))
        found.push(JSON.parse(envelope) as Envelope);
    }
    return found;
  }

  private handOver(envelope: Envelope): void {
    if (!this.deliver) return;
    this.inFlight.add(envelope.id);
    if (this.turns) this.turns.add(envelope);
    else this.send(envelope);
  }

  private send(envelope: Envelope): void {
    if (!this.deliver) return void this.inFlight.delete(envelope.id);
    this.deliver(envelope).then(
      () => this.markDelivered(envelope.id),
      (err: unknown) => {
        if (this.deliver)
          this.logger.error({ err, type: envelope.type }, 'an event was not delivered: it is tried again');
        this.turns?.forget(envelope.id);
        this.inFlight.delete(envelope.id);
      },
    );
  }

  private markDelivered(id: string): void {
    if (!this.inFlight.has(id)) return; // told after the stop: the row stays, and its listeners will drop the duplicate
    this.delivered.push(id);
    this.forgetIn(DELETE_AFTER_MS);
  }

  private forgetIn(ms: number): void {
    this.deleting ??= setTimeout(() => void this.forgetDelivered(), ms);
  }

  /** A row that stays because this fails is delivered again after a restart, and dropped by the listeners' inboxes. */
  private async forgetDelivered(): Promise<boolean> {
    this.deleting = undefined;
    const ids = this.delivered.splice(0, 500);
    if (ids.length === 0) return true;
    try {
      await this.remove(ids);
    } catch (err) {
      this.logger.warn({ err, domain: this.database.name }, 'delivered events could not be taken out of the outbox');
      this.delivered.push(...ids);
      this.forgetIn(DELETE_AGAIN_MS);
      return false;
    }
    for (const id of ids) {
      this.inFlight.delete(id);
      this.turns?.forget(id);
    }
    if (this.delivered.length > 0) this.forgetIn(DELETE_AFTER_MS);
    return true;
  }

  private async remove(ids: string[]): Promise<void> {
    const removal = () =>
      this.database.manager
        .createQueryBuilder()
        .delete()
        .from(OutboxRow)
        .where({ id: In(ids) })
        .execute();
    await this.database.transaction(removal, { lazy: true });
  }
}
