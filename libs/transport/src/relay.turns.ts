import { AsyncResource } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import type { Database } from '@nakku/database';
import type { Envelope } from './event.js';
import type { OutboxRow } from './transport.entity.js';

const KEYS_AT_ONCE = 200;
const SHORTEST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;

type Place = Pick<OutboxRow, 'id' | 'key' | 'owner'>;

export interface TurnHooks {
  /** It is this event's turn. */
  send(envelope: Envelope): void;
  /** The event belongs to another relay by now, or was delivered by it. */
  drop(id: string): void;
}

/** Where processes share an outbox: lets an event go only when nobody else has an earlier one of the same key left to send. */
export class RelayTurns {
  private readonly logger = new Logger('relay');
  /** By id. */
  private readonly waiting = new Map<string, Envelope>();
  /** Ids of what was let go and is not known to be delivered: later ones of the key may follow on the same way. */
  private readonly sent = new Set<string>();
  private readonly unseen = new Set<string>();
  private readonly held = new Set<string>();
  private pause = SHORTEST_PAUSE_MS;
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private stopped = false;
  /** Looks belong to nobody's request: not to its transaction, and not to its choice of a replica. */
  private readonly outside = new AsyncResource('relay');

  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly hooks: TurnHooks,
  ) {}

  add(envelope: Envelope): void {
    this.waiting.set(envelope.id, envelope);
    this.unseen.add(envelope.subject);
    this.wake();
  }

  /** What was let go is delivered, or came back and will be added again. */
  forget(id: string): void {
    this.sent.delete(id);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    for (const id of this.waiting.keys()) this.hooks.drop(id);
    this.waiting.clear();
  }

  private wake(): void {
    this.looking ??= this.outside.runInAsyncScope(() => this.look());
  }

  private async look(): Promise<void> {
    await new Promise(setImmediate); // those who were published in the same turn of the event loop are looked up together
    while (this.unseen.size > 0 && !this.stopped) {
      const keys = [...this.unseen].slice(0, KEYS_AT_ONCE);
      for (const key of keys) this.unseen.delete(key);
      await this.release(keys).catch((err: unknown) => {
        this.logger.debug({ err, domain: this.database.name }, 'the outbox could not be read');
        for (const key of keys) this.held.add(key);
      });
    }
    this.looking = undefined;
    if (this.held.size > 0) this.lookAgain();
  }

  private lookAgain(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      for (const key of this.held) this.unseen.add(key);
      this.held.clear();
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
      this.wake();
    }, this.pause);
  }

  private async release(keys: string[]): Promise<void> {
    const wanted = new Set(keys);
    const asked = [...this.waiting.values()].filter(({ subject }) => wanted.has(subject));
    const rows = await this.rowsOf(keys);
    const blocked = new Set<string>();
    for (const row of rows) if (!this.pass(row, blocked)) blocked.add(row.key);
    this.dropMissing(asked, new Set(rows.map(({ id }) => id)));
    for (const { id, subject } of asked) if (this.waiting.has(id)) this.held.add(subject);
  }

  /** Plain SQL: it runs for every event. */
  private rowsOf(keys: string[]): Promise<Place[]> {
    const marks = keys.map(() => '?').join(', ');
    return this.database.manager.query(
      `SELECT \`id\`, \`key\`, \`owner\` FROM outbox WHERE \`key\` IN (${marks}) ORDER BY seq`,
      keys,
    );
  }

  /** Whether what follows this row in its key may pass as well. */
  private pass({ id, key, owner }: Place, blocked: Set<string>): boolean {
    if (this.sent.has(id)) return true;
    const envelope = this.waiting.get(id);
    if (!envelope) return false; // somebody else's, or one of ours that has not been read
    if (owner !== this.owner) {
      this.waiting.delete(id);
      this.hooks.drop(id);
      return false;
    }
    if (blocked.has(key)) return false;
    this.waiting.delete(id);
    this.sent.add(id);
    this.pause = SHORTEST_PAUSE_MS;
    this.hooks.send(envelope);
    return true;
  }

  private dropMissing(asked: Iterable<Envelope>, found: ReadonlySet<string>): void {
    for (const { id } of asked) {
      if (found.has(id) || !this.waiting.delete(id)) continue;
      this.hooks.drop(id);
    }
  }
}
