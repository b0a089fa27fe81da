import type { Actor } from '@nakku/observability';

/** Who is to be made an admin. */
export interface NewAdmin {
  email: string;
  firstName: string;
  lastName: string;
  password: string;
}

/** What an operator does with accounts from the command line, by the domain that has them. */
export abstract class Accounts {
  /** Makes an account that is an admin's; 409 `EMAIL_TAKEN`, 400 for what registration refuses too. */
  abstract createAdmin(admin: NewAdmin): Promise<{ id: string; email: string }>;

  /** Whose e-mail this is, and what they may do; undefined when there is no such account, or it was deleted. */
  abstract find(email: string): Promise<Actor | undefined>;
}
