import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { Injectable, Optional } from '@nestjs/common';
import { RedisConnection } from '@nakku/cache';
import { Database, deleteInBatches, isUniqueViolation, newId, now } from '@nakku/database';
import { AnswerCache, type CommittedAnswer } from './idempotency.answers.js';
import { LessThan } from 'typeorm';
import { IdempotencyKey } from './idempotency.entity.js';
import { conflict, Problem, unprocessable } from './problem.js';

const RUNNING_MS = 30_000;
const KEPT_MS = 24 * 3600_000;

/** A key that this request runs. */
export interface Claim {
  id: string;
  token: string;
  bodyHash: string;
  /** The JSON that was stored in the transaction of the effect; undefined until then. */
  stored?: string;
  /** What was stored and has been committed; undefined until then. */
  committed?: CommittedAnswer;
}

/** The answer that an earlier request with the same key got. */
export interface StoredAnswer {
  status: number;
  body: unknown;
}

const running = new AsyncLocalStorage<Claim>();

/** Makes a request with an `Idempotency-Key` happen once: the answer is stored in the transaction of its effect. */
@Injectable()
export class Idempotency {
  private readonly answers?: AnswerCache;

  constructor(
    private readonly database: Database,
    @Optional() redis?: RedisConnection,
  ) {
    if (redis?.configured) this.answers = new AnswerCache(redis, database.name);
  }

  /** Takes the key for this run, or gives the stored answer; 409 while another runs, 422 for another body. */
  async claim(scope: string, key: string, body: unknown): Promise<Claim | StoredAnswer> {
    const id = sha256(JSON.stringify([scope, key]));
    const bodyHash = sha256(canonicalJson(body));
    return (await this.answers?.find(id, bodyHash)) ?? this.take(id, bodyHash);
  }

  private take(id: string, bodyHash: string): Promise<Claim | StoredAnswer> {
    const token = newId();
    const row = { id, bodyHash, token, status: 0, body: '', expiresAt: later(RUNNING_MS) };
    return this.database.transaction(async () => {
      try {
        await this.database.manager
          .createQueryBuilder()
          .insert()
          .into(IdempotencyKey)
          .values(row)
          .updateEntity(false)
          .execute();
        return { id, token, bodyHash };
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
      return this.meet(id, bodyHash, token);
    });
  }

  /** Runs a request's work so that `complete` knows its key. */
  run<T>(claim: Claim, work: () => T): T {
    return running.run(claim, work);
  }

  /** Stores the answer; call it inside the transaction that has the effect. Does nothing for a request without a key. */
  async complete(status: number, body: unknown): Promise<void> {
    const claim = running.getStore();
    if (claim) await this.store(claim, status, body);
  }

  /** Stores the answer of a claim; 409 when another run has taken the key over. */
  async store(claim: Claim, status: number, body: unknown): Promise<void> {
    const stored = JSON.stringify(body ?? null);
    const expiresAt = later(KEPT_MS);
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(IdempotencyKey)
      .set({ status, body: stored, expiresAt })
      .where('id = :id AND token = :token', claim)
      .execute();
    if (affected !== 1) throw inProgress(1);
    claim.stored = stored;
    const { bodyHash } = claim;
    this.database.afterCommit(() => (claim.committed = { bodyHash, status, body: stored, expiresAt }));
  }

  /** Once a request is over: repeats of it may be answered without the database, by what was last committed for it. */
  async settled({ id, committed }: Claim): Promise<void> {
    if (committed) await this.answers?.keep(id, committed);
  }

  /** Forgets a key whose run did not come to a final answer. */
  async release(claim: Claim): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .delete()
      .from(IdempotencyKey)
      .where('id = :id AND token = :token AND status = 0', claim)
      .execute();
  }

  /** Deletes the keys that have lapsed; the runtime calls it now and then. */
  async sweep(): Promise<void> {
    await deleteInBatches(this.database, IdempotencyKey, 'id', { expiresAt: LessThan(now()) });
  }

  private async meet(id: string, bodyHash: string, token: string): Promise<Claim | StoredAnswer> {
    const known = await this.database.manager.findOneByOrFail(IdempotencyKey, { id });
    if (known.expiresAt < now()) return this.takeOver(known, bodyHash, token);
    if (known.bodyHash !== bodyHash) {
      throw unprocessable('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used with another body: take a new key.');
    }
    if (known.status === 0) throw inProgress(Math.ceil((Date.parse(known.expiresAt) - Date.now()) / 1000));
    return { status: known.status, body: JSON.parse(known.body) as unknown };
  }

  private async takeOver(known: IdempotencyKey, bodyHash: string, token: string): Promise<Claim> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(IdempotencyKey)
      .set({ bodyHash, token, status: 0, body: '', expiresAt: later(RUNNING_MS) })
      .where('id = :id AND token = :old', { id: known.id, old: known.token })
      .execute();
    if (affected !== 1) throw inProgress(1);
    return { id: known.id, token, bodyHash };
  }
}

function inProgress(seconds: number): Problem {
  const problem = conflict('IDEMPOTENCY_KEY_IN_PROGRESS', 'A request with this Idempotency-Key is still running.');
  return new Problem(problem.status, problem.code, problem.detail, {
    headers: { 'retry-after': String(Math.max(1, seconds)) },
  });
}

const later = (ms: number): string => new Date(Date.now() + ms).toISOString();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with the members of every object in order: two spellings of one body are equal (in the spirit of RFC 8785). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_, member: unknown) =>
    member && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
