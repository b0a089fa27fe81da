import type { Database } from '@nakku/database';
import { redact } from '@nakku/observability';
import { api, contract, type Input, notFound, unprocessable } from '@nakku/rpc';
import { LessThan } from 'typeorm';
import { z } from 'zod';
import type { Consumer } from './consumer.js';
import type { Relay } from './relay.js';
import { DeadLetter } from './transport.entity.js';

/** A dead letter as an operator sees it: what an event has of tokens is not shown. */
export const DeadLetterView = z.object({
  id: z.string(),
  domain: z.string(),
  eventId: z.string(),
  type: z.string(),
  key: z.string(),
  error: z.string(),
  tries: z.int(),
  createdAt: z.string(),
  event: z.unknown(),
});

/** What every domain offers to operators about its events. */
export const operationsOf = <D extends string>(domain: D) =>
  contract(`${domain}-events`, {
    /** Newest first; `before` is the id of the last one seen. */
    deadLetters: {
      input: z.object({ limit: z.int().max(101), before: z.string().optional() }),
      output: z.object({ items: z.array(DeadLetterView) }),
      idempotent: true,
    },
    replay: {
      input: z.object({ id: z.string() }),
      output: z.object({}),
      errors: ['DEAD_LETTER_NOT_FOUND', 'REPLAY_FAILED'],
    },
    outbox: {
      input: z.object({}),
      output: z.object({ domain: z.string(), pending: z.int(), oldestSeconds: z.number() }),
      idempotent: true,
    },
  });

/** The type of every domain's event operations. */
export class EventOperationsApi extends api(operationsOf('any')) {}

/** Lists and replays a domain's dead letters, and tells how its outbox stands. */
export class EventOperations implements EventOperationsApi {
  constructor(
    private readonly database: Database,
    private readonly relay: Relay,
    private readonly consumerOf: (type: string) => Consumer | undefined,
  ) {}

  async deadLetters({ limit, before }: Input<EventOperationsApi, 'deadLetters'>) {
    const rows = await this.database.manager.find(DeadLetter, {
      where: before ? { id: LessThan(before) } : {},
      order: { id: 'DESC' },
      take: limit,
    });
    return {
      items: rows.map(({ envelope, ...row }) => ({
        ...row,
        domain: this.database.name,
        event: redact(JSON.parse(envelope) as Record<string, unknown>),
      })),
    };
  }

  async replay({ id }: Input<EventOperationsApi, 'replay'>) {
    const letter = await this.database.manager.findOneBy(DeadLetter, { id });
    const consumer = letter && this.consumerOf(letter.type);
    if (!letter || !consumer) throw notFound('dead letter');
    await consumer.replay(letter).catch((error: unknown) => {
      throw unprocessable(
        'REPLAY_FAILED',
        `The handler failed again: ${error instanceof Error ? error.name : 'error'}. The letter stays.`,
      );
    });
    return {};
  }

  async outbox() {
    return { domain: this.database.name, ...(await this.relay.backlog()) };
  }
}
