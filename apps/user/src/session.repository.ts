import { Database, now } from '@nakku/database';
import { Injectable } from '@nestjs/common';
import { MoreThan, Not } from 'typeorm';
import { Attempt } from './attempt.entity.js';
import { PasswordReset, Session, SpentToken } from './session.entity.js';

@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async insert(session: Session): Promise<void> {
    await this.write().insert().into(Session).values(session).updateEntity(false).execute();
  }

  byToken(tokenHash: string): Promise<Session | null> {
    return this.database.manager.findOneBy(Session, { tokenHash, expiresAt: MoreThan(now()) });
  }

  /** Exchanges the token of a session; false when somebody else was quicker. */
  async rotate({ id, tokenHash, expiresAt }: Session, to: Pick<Session, 'tokenHash' | 'expiresAt'>): Promise<boolean> {
    const { affected } = await this.write().update(Session).set(to).where({ id, tokenHash }).execute();
    if (affected !== 1) return false;
    await this.write()
      .insert()
      .into(SpentToken)
      .values({ tokenHash, sessionId: id, expiresAt })
      .updateEntity(false)
      .execute();
    return true;
  }

  /** Ends the session whose token it is. */
  async end(tokenHash: string): Promise<boolean> {
    return (await this.write().delete().from(Session).where({ tokenHash }).execute()).affected === 1;
  }

  /** Ends the session that once exchanged this token; false when nobody ever did. */
  async endSpent(tokenHash: string): Promise<boolean> {
    const spent = await this.database.manager.findOneBy(SpentToken, { tokenHash });
    if (spent) await this.write().delete().from(Session).where({ id: spent.sessionId }).execute();
    return spent !== null;
  }

  /** Ends all sessions of a user but one. */
  async endAll(userId: string, except = ''): Promise<void> {
    await this.write()
      .delete()
      .from(Session)
      .where({ userId, id: Not(except) })
      .execute();
  }

  async insertReset(reset: PasswordReset): Promise<void> {
    await this.write().insert().into(PasswordReset).values(reset).updateEntity(false).execute();
  }

  reset(tokenHash: string): Promise<PasswordReset | null> {
    return this.database.manager.findOneBy(PasswordReset, { tokenHash, expiresAt: MoreThan(now()) });
  }

  /** Uses a reset up; false when it was used already. */
  async spendReset(tokenHash: string): Promise<boolean> {
    return (await this.write().delete().from(PasswordReset).where({ tokenHash }).execute()).affected === 1;
  }

  async dropResets(userId: string): Promise<void> {
    await this.write().delete().from(PasswordReset).where({ userId }).execute();
  }

  /** Deletes what has lapsed, of each kind at most `limit` rows; how many it were. */
  async sweep(limit: number): Promise<number> {
    const at = now();
    const counts = [
      await this.sweepOf(Session, 'id', at, limit),
      await this.sweepOf(SpentToken, 'token_hash', at, limit),
      await this.sweepOf(PasswordReset, 'token_hash', at, limit),
      await this.sweepOf(Attempt, 'id', at, limit),
    ];
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async sweepOf(kind: new () => object, key: string, at: string, limit: number): Promise<number> {
    const lapsed = this.database.manager.createQueryBuilder(kind, 'lapsed').select(`lapsed.${key}`, 'id');
    const rows = await lapsed.where('lapsed.expires_at < :at', { at }).limit(limit).getRawMany<{ id: string }>();
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    // Looked at again: a session may have been renewed in between.
    const gone = `${key} IN (:...ids) AND expires_at < :at`;
    return (await this.write().delete().from(kind).where(gone, { ids, at }).execute()).affected ?? 0;
  }

  private write() {
    return this.database.manager.createQueryBuilder();
  }
}
