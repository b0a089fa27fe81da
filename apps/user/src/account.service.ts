import { unauthorized } from '@nakku/auth';
import { userLogin, userRegistered } from '@nakku/contracts';
import { Database } from '@nakku/database';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { AttemptService } from './attempt.service.js';
import { PasswordService } from './password.service.js';
import { SessionService, type Ticket } from './session.service.js';
import type { User } from './user.entity.js';
import { newUser, type Person } from './user.js';
import { emailTaken, UserRepository } from './user.repository.js';

/** Somebody who was let in. */
export interface Admitted {
  user: User;
  ticket: Ticket;
}

/** Lets people in: with a new account, or with their password. */
@Injectable()
export class AccountService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly sessions: SessionService,
    private readonly passwords: PasswordService,
    private readonly attempts: AttemptService,
    private readonly events: EventBus,
  ) {}

  /** Makes an account and signs it in; 409 `EMAIL_TAKEN`. */
  async register({ password, ...person }: Person & { password: string }, address: string): Promise<Admitted> {
    await this.attempts.register(address);
    // Asked before the costly part; of two at once the unique key refuses the second.
    if (await this.users.byEmail(person.email)) throw emailTaken();
    const user = newUser(person, await this.passwords.hash(password));
    return this.database.transaction(async () => {
      await this.users.insert(user);
      await this.events.publish(userRegistered({ userId: user.id, email: user.email, firstName: user.firstName }));
      return { user, ticket: await this.sessions.open(user.id) };
    });
  }

  /** Signs somebody in; 401 `INVALID_CREDENTIALS`, the same and after the same work whether or not there is such an account. */
  async login({ email, password }: { email: string; password: string }, address: string): Promise<Admitted> {
    // Read in a transaction, because somebody who has just registered is not yet on every replica.
    const user = await this.database.transaction(() => this.users.byEmail(email));
    const fits = await this.passwords.check(user?.passwordHash, password, { email, address });
    const ticket = user && fits && (await this.enter(user));
    if (!ticket) throw unauthorized('INVALID_CREDENTIALS', 'The e-mail or the password is wrong.');
    return { user, ticket };
  }

  /** Nobody, when the password was changed or the account deleted while it was being checked. */
  private enter({ id: userId, passwordHash }: User): Promise<Ticket | undefined> {
    return this.database.transaction(async () => {
      if (!(await this.users.update(userId, {}, { passwordHash }))) return undefined;
      const ticket = await this.sessions.open(userId);
      await this.events.publish(userLogin({ userId, sessionId: ticket.sessionId }));
      return ticket;
    });
  }
}
