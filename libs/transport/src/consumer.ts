import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Database, isUniqueViolation, newId, now } from '@nakku/database';
import { childTraceparent, newContext, withContext } from '@nakku/observability';
import type { Envelope, EventDefinition } from './event.js';
import { DeadLetter } from './transport.entity.js';

export type Handler = (event: Envelope) => Promise<unknown>;

export interface RetryPolicy {
  maxTries: number;
  /** The first wait, in milliseconds; it doubles up to 30 s. */
  retryMs: number;
}

/** One domain's handling of one event type: inbox, retries, dead letters. Both transports deliver through it. */
export class Consumer {
  private readonly logger = new Logger('events');
  private stopped = false;

  constructor(
    readonly domain: string,
    readonly definition: EventDefinition,
    private readonly handler: Handler,
    private readonly database: Database,
    private readonly policy: RetryPolicy,
    private readonly observe: (result: 'handled' | 'retried' | 'dead', envelope: Envelope) => void,
  ) {}

  /** Resolves when the effect is committed or the event is a dead letter; rejects only while stopping. */
  async consume(envelope: Envelope): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.apply(envelope);
        return this.observe('handled', envelope);
      } catch (error) {
        if (this.stopped) throw error;
        if (tries >= this.policy.maxTries && (await this.putAside(envelope, error, tries)))
          return this.observe('dead', envelope);
        this.logger.warn({ err: error, type: envelope.type, id: envelope.id, tries }, `${this.domain} will try again`);
        this.observe('retried', envelope);
      }
      await this.wait(tries);
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

  /** No more tries: what was not applied stays with the sender. */
  stop(): void {
    this.stopped = true;
  }

  /** One try: has the effect unless it was had before; throws what the handler throws. */
  apply(envelope: Envelope): Promise<void> {
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

  private wait(tries: number): Promise<void> {
    const ms = Math.min(30_000, this.policy.retryMs * 2 ** Math.min(tries - 1, 20));
    return sleep(ms / 2 + (Math.random() * ms) / 2, undefined, { ref: false });
  }
}

const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2000);
