import { Passwords } from '@nakku/auth';
import { unavailable } from '@nakku/rpc';
import { Injectable } from '@nestjs/common';
import { bulkhead, type BulkheadPolicy, isBulkheadRejectedError } from 'cockatiel';
import { type Attempt, AttemptService } from './attempt.service.js';
import { UserSettings } from './user.config.js';

const RETRY_SECONDS = 5;

/** Hashes and checks passwords, a few at a time: a flood of logins must not take the processor from everybody else. */
@Injectable()
export class PasswordService {
  private readonly slots: BulkheadPolicy;

  constructor(
    private readonly passwords: Passwords,
    private readonly attempts: AttemptService,
    settings: UserSettings,
  ) {
    this.slots = bulkhead(settings.USER_HASHES_AT_ONCE, settings.USER_HASHES_WAITING);
  }

  /** 503 when too many wait. */
  hash(password: string): Promise<string> {
    return this.inSlot(() => this.passwords.hash(password));
  }

  /**
   * Whether a password fits; does the same work where there is no account. 429 once the failures are used up, 503 when too many wait.
   * A guess is counted when its turn has come: of many at once only the few under way can be ahead of the count.
   */
  async check(stored: string | undefined, password: string, attempt: Attempt): Promise<boolean> {
    await this.attempts.admit(attempt);
    return this.inSlot(async () => {
      await this.attempts.begin(attempt);
      const fits = await this.passwords.verify(stored, password);
      if (fits) await this.attempts.succeeded(attempt);
      return fits;
    });
  }

  private async inSlot<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.slots.execute(work);
    } catch (error) {
      throw isBulkheadRejectedError(error)
        ? unavailable('Too many people are signing in right now: try again shortly.', RETRY_SECONDS)
        : error;
    }
  }
}
