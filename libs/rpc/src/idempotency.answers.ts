import type { RedisConnection } from '@nakku/cache';
import { now } from '@nakku/database';
import { z } from 'zod';

/** Who repeats a request does so within minutes; after that the database, which keeps answers for a day, is asked. */
const KEPT_MS = 15 * 60_000;

/** A final answer as it was committed. */
export interface CommittedAnswer {
  bodyHash: string;
  status: number;
  /** JSON. */
  body: string;
  expiresAt: string;
}

const Answer = z.object({
  bodyHash: z.string(),
  status: z.int().min(200).max(599),
  body: z.string(),
  expiresAt: z.string(),
});

/** Committed answers in Redis, so that a repeated request need not go to the database. About what is not found here, the database is asked. */
export class AnswerCache {
  constructor(
    private readonly redis: RedisConnection,
    private readonly domain: string,
  ) {}

  /** The answer of a key, if it was given to this very body. */
  async find(id: string, bodyHash: string): Promise<{ status: number; body: unknown } | undefined> {
    const text = await this.redis.attempt((client) => client.get(this.nameOf(id)));
    const answer = Answer.safeParse(parsed(text));
    if (!answer.success || answer.data.bodyHash !== bodyHash || answer.data.expiresAt < now()) return undefined;
    const body = parsed(answer.data.body);
    return body === undefined ? undefined : { status: answer.data.status, body };
  }

  /** Keeps a committed answer, for a quarter of an hour at most. */
  async keep(id: string, answer: CommittedAnswer): Promise<void> {
    const ms = Math.ceil(Math.min(Date.parse(answer.expiresAt) - Date.now(), KEPT_MS));
    if (ms > 0) await this.redis.attempt((client) => client.set(this.nameOf(id), JSON.stringify(answer), 'PX', ms));
  }

  private nameOf(id: string): string {
    return `answer:${this.domain}:${id}`;
  }
}

function parsed(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
