import { userDeleted, userUpdated } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { AddressRepository } from './address.repository.js';
import { SessionRepository } from './session.repository.js';
import { anonymised, userView, type UserView } from './user.js';
import { UserRepository } from './user.repository.js';

export interface ProfileChange {
  firstName?: string;
  lastName?: string;
  phone?: string | null;
}

/** One's own account. */
@Injectable()
export class ProfileService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly addresses: AddressRepository,
    private readonly sessions: SessionRepository,
    private readonly events: EventBus,
  ) {}

  async get(userId: string): Promise<UserView> {
    return userView(await this.users.own(userId));
  }

  async change(userId: string, change: ProfileChange): Promise<UserView> {
    const fields = Object.keys(change);
    if (fields.length === 0) return this.get(userId);
    return this.database.transaction(async () => {
      await this.users.update(userId, change);
      const user = await this.users.own(userId);
      await this.events.publish(userUpdated({ userId, fields }));
      return userView(user);
    });
  }

  /** Deletes the account: what is personal goes at once, every session ends, and the e-mail may register again. */
  async remove(userId: string): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.users.update(userId, anonymised(userId, now())))) await this.users.own(userId);
      await this.addresses.deleteAll(userId);
      await this.sessions.endAll(userId);
      await this.sessions.dropResets(userId);
      await this.events.publish(userDeleted({ userId }));
    });
  }
}
