import { createHash } from 'node:crypto';
import { Database, now } from '@nakku/database';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Attempt, type AttemptKind } from './attempt.entity.js';
import { later } from './session.js';

/** Counts by account, for all copies of this service together and across restarts: a guess less is worth a write. */
@Injectable()
export class AttemptRepository {
  constructor(private readonly database: Database) {}

  /** The count of the running window; undefined when there is none. */
  async running(kind: AttemptKind, email: string): Promise<Attempt | undefined> {
    const where = { id: idOf(kind, email), expiresAt: MoreThan(now()) };
    return (await this.database.manager.findOneBy(Attempt, where)) ?? undefined;
  }

  /** Counts one more, which begins a window of `seconds` where none is running. */
  count(kind: AttemptKind, email: string, seconds: number): Promise<Attempt> {
    const id = idOf(kind, email);
    return this.database.transaction(async () => {
      if (!(await this.countOn(id))) await this.begin({ id, kind, uses: 1, expiresAt: later(seconds * 1000) });
      return this.database.manager.findOneByOrFail(Attempt, { id });
    });
  }

  async forget(kind: AttemptKind, email: string): Promise<void> {
    await this.write()
      .delete()
      .from(Attempt)
      .where({ id: idOf(kind, email) })
      .execute();
  }

  /** False when no window is running. */
  private async countOn(id: string): Promise<boolean> {
    const update = this.write()
      .update(Attempt)
      .set({ uses: () => 'uses + 1' });
    return (await update.where('id = :id AND expires_at > :now', { id, now: now() }).execute()).affected === 1;
  }

  private async begin(first: Attempt): Promise<void> {
    // A row that is over at once, or the lock on the one that is there: whoever begins at the same moment waits for it, and counts on.
    const over = { ...first, uses: 0, expiresAt: '' };
    await this.write().insert().into(Attempt).values(over).orUpdate(['kind'], ['id']).updateEntity(false).execute();
    const { id, uses, expiresAt } = first;
    if (!(await this.countOn(id))) await this.write().update(Attempt).set({ uses, expiresAt }).where({ id }).execute();
  }

  private write() {
    return this.database.manager.createQueryBuilder();
  }
}

const idOf = (kind: AttemptKind, email: string): string =>
  createHash('sha256').update(`${kind}:${email}`).digest('hex');
