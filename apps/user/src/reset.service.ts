import { NotificationApi } from '@nakku/contracts';
import { Database } from '@nakku/database';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { AttemptService } from './attempt.service.js';
import { later, newToken, RESET_TOKEN_MS, tokenHash } from './session.js';
import { SessionRepository } from './session.repository.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** Sends people who forgot their password a token with which they may set a new one. */
@Injectable()
export class ResetService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ResetService.name);
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly attempts: AttemptService,
    private readonly notifications: NotificationApi,
  ) {}

  /** Begins the work and says nothing about it: the answer must not tell, not even by its time, whether there is such an account. */
  begin(email: string): void {
    const work = this.send(email)
      .catch((err: unknown) => this.logger.error({ err }, 'a password reset was not sent'))
      .finally(() => this.running.delete(work));
    this.running.add(work);
  }

  /** Waits for the mails that are on their way. A crash loses them, and nothing else: the person asks again. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.running);
  }

  private async send(email: string): Promise<void> {
    // A turn later, when the answer has been sent.
    await new Promise((resolve) => setImmediate(resolve));
    if (!(await this.attempts.mayReset(email))) return;
    const token = newToken();
    const user = await this.database.transaction(() => this.store(email, token));
    if (user) await this.mail(user, token);
  }

  private async store(email: string, token: string): Promise<User | null> {
    const user = await this.users.byEmail(email);
    if (user)
      await this.sessions.insertReset({
        tokenHash: tokenHash(token),
        userId: user.id,
        expiresAt: later(RESET_TOKEN_MS),
      });
    return user;
  }

  private async mail({ email, firstName }: User, token: string): Promise<void> {
    // Without a userId: it must not show up in the account's own list of notifications, where a stolen access token could read it.
    await this.notifications.send({
      key: `password-reset:${tokenHash(token)}`,
      channel: 'email',
      to: email,
      type: 'user.password_reset',
      title: 'Set a new password',
      body: `Hello ${firstName}, with this code you can set a new password in the next 30 minutes: ${token}\n\nIf you did not ask for it, ignore this message.`,
      data: { token, expiresAt: later(RESET_TOKEN_MS) },
    });
  }
}
