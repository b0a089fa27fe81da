import { userRegistered } from '@nakku/contracts';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { badRequest } from '@nakku/rpc';
import { Accounts, type NewAdmin } from '@nakku/runtime';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { Email, Register } from './account.dto.js';
import { PasswordService } from './password.service.js';
import { newUser } from './user.js';
import { emailTaken, UserRepository } from './user.repository.js';

/** What operators do with accounts: where there is nobody yet, no API can make the first admin. */
@Injectable()
export class OperatorService extends Accounts {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly passwords: PasswordService,
    private readonly events: EventBus,
  ) {
    super();
  }

  async createAdmin(given: NewAdmin): Promise<{ id: string; email: string }> {
    const { password, ...person } = checked(given);
    if (await this.primary(person.email)) throw emailTaken();
    const user = newUser(person, await this.passwords.hash(password), ['admin']);
    await this.database.transaction(async () => {
      await this.users.insert(user);
      await this.events.publish(userRegistered({ userId: user.id, email: user.email, firstName: user.firstName }));
    });
    return { id: user.id, email: user.email };
  }

  async find(email: string): Promise<Actor | undefined> {
    const wanted = Email.safeParse(email);
    const user = wanted.success ? await this.primary(wanted.data) : null;
    if (!user || user.deletedAt !== null) return undefined;
    const { id, roles, stores } = user;
    return { id, roles, stores };
  }

  /** In a transaction, because a replica may not have it yet. */
  private primary(email: string) {
    return this.database.transaction(() => this.users.byEmail(email));
  }
}

function checked(given: NewAdmin) {
  const result = Register.schema.safeParse(given);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw badRequest('INVALID_REQUEST', detail, errors);
}
