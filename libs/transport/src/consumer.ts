import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Database, DatabaseUnavailable, isUniqueViolation, newId, now } from '@nakku/database';
import { childTraceparent, newContext, withContext } from '@nakku/observability';
import type { Envelope, EventDefinition } from './event.js';
import type { Slots } from './lanes.js';
import { DeadLetter } from './transport.entity.js';

const LONGEST_WAIT_MS = 30_000;
/** Once a lost database is back, what waited for it goes on within this. */
const AWAY_WAIT_MS = 3000;

export type Handler = (event: Envelope) => Promise<unknown>;

export interface RetryPolicy {
  maxTries: number;
  /** The first wait, in milliseconds; it doubles up to 30 s. */
  retryMs: number;
}

/** Why an event became a dead letter. */
export interface Death {
  error: unknown;
  tries: number;
}

/** One domain's handling of one event type: inbox, retries, dead letters. Both transports deliver through it. */
export class Consumer {
  private readonly logger = new Logger('events');
  private readonly stopping = new AbortController();

  constructor(
    readonly domain: string,
    readonly definition: EventDefinition,
    private readonly handler: Handler,
    private readonly database: Database,
    private readonly policy: RetryPolicy,
    private readonly observe: (result: 'handled' | 'retried' | 'dead', envelope: Envelope) => void,
    /** How many events of the domain may be handled at once; without it as many as come. */
    private readonly slots?: Slots,
  ) {
    setMaxListeners(0, this.stopping.signal); // one for each event that waits to be tried again
  }

  /**
   * Resolves when the effect is committed, or, with the cause, when the event is a dead letter; rejects only while stopping.
   * A database that cannot be reached is not the event's fault: such a try does not count.
   */
  async consume(envelope: Envelope): Promise<Death | undefined> {
    for (let tries = 0, waits = 1; ; waits++) {
      let longest = LONGEST_WAIT_MS;
      try {
        await this.apply(envelope);
        this.observe('handled', envelope);
        return undefined;
      } catch (error) {
        if (this.stopping.signal.aborted) throw error;
        if (isUnavailable(error)) longest = AWAY_WAIT_MS;
        else if (++tries >= this.policy.maxTries && (await this.putAside(envelope, error, tries))) {
          this.observe('dead', envelope);
          return { error, tries };
        }
        this.retried(envelope, error, tries);
      }
      await this.wait(waits, longest);
    }
  }

  /** Runs a dead letter's event once more; throws what the handler throws. */
  async replay(letter: DeadLetter): Promise<void> {
    const envelope = JSON.parse(letter.envelope) as Envelope;
    await this.inContext(envelope, () =>
      this.database.transaction(async () => {
        const { affected } = await this.database.manager
          .createQueryBuilder()
          .delete()
          .from(DeadLetter)
          .where({ id: letter.id })
          .execute();
        if (affected === 1) await this.handle(envelope);
      }),
    );
  }

  /** What runs may end, and what waits for its first try may have it; nothing is tried again. What was not applied stays with the sender. */
  stop(): void {
    this.stopping.abort();
  }

  /** One try: has the effect unless it was had before; throws what the handler throws. */
  apply(envelope: Envelope): Promise<void> {
    return this.slots ? this.slots.run(() => this.applyNow(envelope)) : this.applyNow(envelope);
  }

  private applyNow(envelope: Envelope): Promise<void> {
    return this.inContext(envelope, () =>
      this.database.transaction(async () => {
        if (await this.firstTime(envelope.id)) await this.handle(envelope);
      }),
    );
  }

  private async handle(envelope: Envelope): Promise<void> {
    await this.handler({ ...envelope, data: this.definition.payload.parse(envelope.data) });
  }

  private async firstTime(eventId: string): Promise<boolean> {
    try {
      // Plain SQL: it runs for every event at every listener, and the query builder costs several times the statement.
      await this.database.manager.query('INSERT INTO inbox (event_id, handled_at) VALUES (?, ?)', [eventId, now()]);
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  private retried(envelope: Envelope, err: unknown, tries: number): void {
    const { type, id } = envelope;
    // While the database is away this comes for every event that waits, and its health check has said it already.
    const level = isUnavailable(err) ? 'debug' : 'warn';
    this.logger[level]({ err, type, id, tries }, `${this.domain} will try again`);
    this.observe('retried', envelope);
  }

  /** False when even that fails (the database is away): the event is then tried on. */
  private async putAside(envelope: Envelope, error: unknown, tries: number): Promise<boolean> {
    const letter = {
      id: newId(),
      eventId: envelope.id,
      type: envelope.type,
      key: envelope.subject,
      envelope: JSON.stringify(envelope),
      error: describe(error),
      tries,
      createdAt: now(),
    };
    try {
      await this.database.transaction(async () => {
        if (!(await this.firstTime(envelope.id))) return;
        await this.database.manager
          .createQueryBuilder()
          .insert()
          .into(DeadLetter)
          .values(letter)
          .updateEntity(false)
          .execute();
      });
      this.logger.error(
        { err: error, type: envelope.type, id: envelope.id, tries },
        `${this.domain} put an event aside as a dead letter`,
      );
      return true;
    } catch (err) {
      this.logger.error({ err }, 'a dead letter could not be written');
      return false;
    }
  }

  private inContext<T>(envelope: Envelope, work: () => Promise<T>): Promise<T> {
    return withContext(
      newContext({ requestId: envelope.id, traceparent: childTraceparent(envelope.traceparent) }),
      work,
    );
  }

  private wait(waits: number, longest: number): Promise<void> {
    const ms = Math.min(longest, this.policy.retryMs * 2 ** Math.min(waits - 1, 20));
    return sleep(ms / 2 + (Math.random() * ms) / 2, undefined, { ref: false, signal: this.stopping.signal });
  }
}

/** Whether it failed because its database could not be reached. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && (error instanceof DatabaseUnavailable || isUnavailable(error.cause));

/** An error in one line, at most 2,000 characters. */
export const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2000);
