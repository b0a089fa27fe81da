import { userUpdated } from '@nakku/contracts';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { AttemptService } from './attempt.service.js';
import { PasswordService } from './password.service.js';
import { tokenHash } from './session.js';
import { SessionRepository } from './session.repository.js';
import { UserRepository } from './user.repository.js';

/** New passwords for old ones, or for a token from a mail. */
@Injectable()
export class CredentialService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly passwords: PasswordService,
    private readonly attempts: AttemptService,
    private readonly events: EventBus,
  ) {}

  /** Sets a new password by a token from a mail and ends every session; 422 `RESET_TOKEN_INVALID`. */
  async reset(token: string, newPassword: string): Promise<void> {
    const hash = tokenHash(token);
    // Asked before the costly part; of two at once `spendReset` refuses the second.
    const reset = await this.database.transaction(() => this.sessions.reset(hash));
    if (!reset) throw resetTokenInvalid();
    const passwordHash = await this.passwords.hash(newPassword);
    const user = await this.database.transaction(async () => {
      if (!(await this.sessions.spendReset(hash))) throw resetTokenInvalid();
      await this.replace(reset.userId, passwordHash);
      return this.users.own(reset.userId);
    });
    // The owner of the mailbox has proved who they are: the guesses of others lock them out no longer.
    await this.attempts.forgive(user.email);
  }

  /** Sets a new password by the old one and ends the other sessions; 422 `PASSWORD_WRONG`, and 429 like a login. */
  async change(
    { id, sessionId }: Actor,
    passwords: { currentPassword: string; newPassword: string },
    address: string,
  ): Promise<void> {
    const user = await this.users.own(id);
    const fits = await this.passwords.check(user.passwordHash, passwords.currentPassword, {
      email: user.email,
      address,
    });
    if (!fits) throw passwordWrong();
    const passwordHash = await this.passwords.hash(passwords.newPassword);
    await this.database.transaction(() => this.replace(id, passwordHash, { old: user.passwordHash, sessionId }));
  }

  private async replace(
    userId: string,
    passwordHash: string,
    from: { old?: string; sessionId?: string } = {},
  ): Promise<void> {
    const changed = await this.users.update(userId, { passwordHash }, from.old ? { passwordHash: from.old } : {});
    if (!changed) throw from.old ? passwordWrong() : resetTokenInvalid();
    await this.sessions.endAll(userId, from.sessionId);
    await this.sessions.dropResets(userId);
    await this.events.publish(userUpdated({ userId, fields: ['password'] }));
  }
}

const resetTokenInvalid = () =>
  unprocessable('RESET_TOKEN_INVALID', 'This reset token was used, has expired or never was: ask for a new one.');
const passwordWrong = () => unprocessable('PASSWORD_WRONG', 'The current password is wrong.');
