import { unauthorized } from '@nakku/auth';
import { Database, isUniqueViolation, now } from '@nakku/database';
import type { Role } from '@nakku/observability';
import { conflict } from '@nakku/rpc';
import { Injectable } from '@nestjs/common';
import { IsNull, type QueryDeepPartialEntity } from 'typeorm';
import { User } from './user.entity.js';

export interface UserFilter {
  /** The beginning of the e-mail. */
  q?: string;
  role?: Role;
  /** The e-mail of the last row of the page before. */
  after?: string;
  limit: number;
}

@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  /** Writes new accounts; 409 `EMAIL_TAKEN`. */
  async insert(...users: User[]): Promise<void> {
    try {
      await this.database.manager.createQueryBuilder().insert().into(User).values(users).updateEntity(false).execute();
    } catch (error) {
      if (isUniqueViolation(error)) throw emailTaken();
      throw error;
    }
  }

  byEmail(email: string): Promise<User | null> {
    return this.database.manager.findOneBy(User, { email });
  }

  /** Deleted accounts too. */
  byId(id: string): Promise<User | null> {
    return this.database.manager.findOneBy(User, { id });
  }

  active(id: string): Promise<User | null> {
    return this.database.manager.findOneBy(User, { id, deletedAt: IsNull() });
  }

  /** The account that the acting person signed in to; 401 when it was deleted since. */
  async own(id: string): Promise<User> {
    return (await this.active(id)) ?? gone();
  }

  /** Keeps every other change of this account waiting until the transaction ends, and reads it. */
  async lock(id: string): Promise<User | null> {
    return (await this.update(id, {})) ? this.byId(id) : null;
  }

  /** Changes an account that is not deleted, and that still fits `when`; false when there is none. */
  async update(id: string, set: QueryDeepPartialEntity<User>, when: { passwordHash?: string } = {}): Promise<boolean> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(User)
      .set({ ...set, updatedAt: now() })
      .where({ id, deletedAt: IsNull(), ...when })
      .execute();
    return affected === 1;
  }

  /** Accounts in the order of their e-mail: one more than the limit. */
  list({ q, role, after = '', limit }: UserFilter): Promise<User[]> {
    const query = this.database.manager.createQueryBuilder(User, 'user');
    query.where('user.deletedAt IS NULL AND user.email > :after', { after });
    if (q) query.andWhere('user.email BETWEEN :q AND :end', { q, end: `${q}\u{10FFFF}` });
    if (role) query.andWhere('user.roles LIKE :role', { role: `%"${role}"%` });
    if (role && role !== 'customer') query.andWhere('user.elevated = :elevated', { elevated: true });
    return query
      .orderBy('user.email')
      .limit(limit + 1)
      .getMany();
  }

  async isEmpty(): Promise<boolean> {
    return !(await this.database.manager.exists(User));
  }
}

export const emailTaken = () =>
  conflict('EMAIL_TAKEN', 'There is an account with this e-mail: sign in, or ask for a new password.');

const gone = (): never => {
  throw unauthorized('ACCOUNT_DELETED', 'This account has been deleted.');
};
