import { ACCESS_TOKEN_SECONDS, TokenService, unauthorized } from '@nakku/auth';
import { Database, newId } from '@nakku/database';
import { Periodic } from '@nakku/runtime';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { later, newToken, REFRESH_TOKEN_MS, tokenHash } from './session.js';
import { SessionRepository } from './session.repository.js';
import type { User } from './user.entity.js';
import { userView, type UserView } from './user.js';
import { UserRepository } from './user.repository.js';

/** What a client holds of a session. */
export interface Ticket {
  sessionId: string;
  refreshToken: string;
}

export interface SignedIn {
  user: UserView;
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

interface Rotated extends Ticket {
  user: User;
}

const HOUR_MS = 3600_000;
const BATCH = 500;

/** Sessions, and the tokens that prove them. */
@Injectable()
export class SessionService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
    private readonly users: UserRepository,
    private readonly tokens: TokenService,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(HOUR_MS, 'lapsed sessions', () => this.sweep());
  }

  /** Opens a session; call it inside the transaction that lets the user in. */
  async open(userId: string): Promise<Ticket> {
    const ticket = { sessionId: newId(), refreshToken: newToken() };
    const hash = tokenHash(ticket.refreshToken);
    await this.sessions.insert({ id: ticket.sessionId, userId, tokenHash: hash, expiresAt: later(REFRESH_TOKEN_MS) });
    return ticket;
  }

  /** What somebody who is let in gets. The roles are those of this moment. */
  async answer(user: User, { sessionId, refreshToken }: Ticket): Promise<SignedIn> {
    const { id, roles, stores } = user;
    const accessToken = await this.tokens.signAccess({ id, roles, stores, sessionId });
    return { user: userView(user), accessToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS };
  }

  /** Exchanges a refresh token; one that was exchanged before ends its whole session. 401 either way. */
  async refresh(token: string): Promise<SignedIn> {
    // The refusal comes after the commit: thrown inside, it would roll back the end of the session.
    const rotated = await this.database.transaction(() => this.rotate(tokenHash(token)));
    if (rotated === 'reused')
      throw unauthorized(
        'REFRESH_TOKEN_REUSED',
        'This refresh token was used before: its session has ended. Sign in again.',
      );
    if (!rotated)
      throw unauthorized('REFRESH_TOKEN_INVALID', 'This refresh token is not valid (any more): sign in again.');
    return this.answer(rotated.user, rotated);
  }

  /** Ends the session of a refresh token; one that is not known is as good as ended. */
  async end(token: string): Promise<void> {
    const hash = tokenHash(token);
    await this.database.transaction(async () => (await this.sessions.end(hash)) || this.sessions.endSpent(hash));
  }

  /** Deletes what has lapsed, in short transactions. */
  async sweep(): Promise<void> {
    while ((await this.database.transaction(() => this.sessions.sweep(BATCH))) > 0);
  }

  private async rotate(hash: string): Promise<Rotated | 'reused' | undefined> {
    const session = await this.sessions.byToken(hash);
    const refreshToken = newToken();
    const to = { tokenHash: tokenHash(refreshToken), expiresAt: later(REFRESH_TOKEN_MS) };
    if (!session || !(await this.sessions.rotate(session, to)))
      return (await this.sessions.endSpent(hash)) ? 'reused' : undefined;
    const user = await this.users.active(session.userId);
    return user ? { user, sessionId: session.id, refreshToken } : undefined;
  }
}
