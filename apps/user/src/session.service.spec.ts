import { TokenService } from '@nakku/auth';
import { domainHarness, type Harness } from '@nakku/testing';
import { SpentToken, Session } from './session.entity.js';
import { SessionService } from './session.service.js';
import { UserModule } from './user.module.js';

const DAY_MS = 24 * 3600_000;
const TIMERS = [
  'nextTick',
  'performance',
  'hrtime',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'clearTimeout',
] as const;

describe('sessions', () => {
  let t: Harness;
  let number = 0;

  beforeAll(async () => {
    t = await domainHarness(UserModule, { env: { RATE_LIMITS: 'off' } });
  });
  afterAll(() => t.close());
  afterEach(() => jest.useRealTimers());

  const signIn = async () => {
    const body = { email: `ann${++number}@example.test`, password: 'correct horse', firstName: 'Ann', lastName: 'Rao' };
    return (await t.http.post('/api/v1/users/register', { body })).body;
  };
  const login = async (email: string) =>
    (await t.http.post('/api/v1/users/login', { body: { email, password: 'correct horse' } })).body;
  const refresh = (refreshToken: string) => t.http.post('/api/v1/users/token/refresh', { body: { refreshToken } });
  const logout = (refreshToken: string) => t.http.post('/api/v1/users/logout', { body: { refreshToken } });
  const code = async (answer: Promise<{ status: number; body: { code?: string } }>) => {
    const { status, body } = await answer;
    return [status, body?.code];
  };
  /** Moves the calendar, and leaves the timers alone. */
  const inDays = (days: number) => {
    jest.useRealTimers();
    jest.useFakeTimers({ now: Date.now() + days * DAY_MS, doNotFake: [...TIMERS] });
  };

  it('exchanges a refresh token for a new pair of the same session', async () => {
    const first = await signIn();
    const { status, body, headers } = await refresh(first.refreshToken);

    expect(status).toBe(200);
    expect(body).toEqual({
      user: first.user,
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: 900,
    });
    expect(body.refreshToken).not.toBe(first.refreshToken);
    expect(headers['cache-control']).toBe('no-store');
    const tokens = t.get(TokenService);
    expect((await tokens.verifyAccess(body.accessToken)).sessionId).toBe(
      (await tokens.verifyAccess(first.accessToken)).sessionId,
    );
    expect((await refresh(body.refreshToken)).status).toBe(200);
  });

  it('ends the whole session when a token is shown again', async () => {
    const first = await signIn();
    const second = (await refresh(first.refreshToken)).body;
    const third = (await refresh(second.refreshToken)).body;

    expect(await code(refresh(first.refreshToken))).toEqual([401, 'REFRESH_TOKEN_REUSED']);
    expect(await code(refresh(third.refreshToken))).toEqual([401, 'REFRESH_TOKEN_INVALID']);
    expect(await code(refresh(second.refreshToken))).toEqual([401, 'REFRESH_TOKEN_REUSED']);
  });

  it('leaves the other sessions of the user alone then', async () => {
    const phone = await signIn();
    const laptop = await login(phone.user.email);
    await refresh(phone.refreshToken);
    await refresh(phone.refreshToken);

    expect((await refresh(laptop.refreshToken)).status).toBe(200);
  });

  it('lets at most one of many uses at once win, and trusts that session no more', async () => {
    const { refreshToken } = await signIn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refreshToken)));

    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 401 && body.code === 'REFRESH_TOKEN_REUSED')).toHaveLength(
      9,
    );
    expect((await refresh(winners[0]!.body.refreshToken)).status).toBe(401);
  });

  it.each(['x', 'a'.repeat(43), 'a'.repeat(512)])('does not know the token %p', async (token) => {
    expect(await code(refresh(token))).toEqual([401, 'REFRESH_TOKEN_INVALID']);
  });

  it('refuses a body without a token', async () => {
    expect(await code(refresh(''))).toEqual([400, 'INVALID_REQUEST']);
  });

  it('stores tokens as hashes only', async () => {
    const first = await signIn();
    await refresh(first.refreshToken);
    const rows = JSON.stringify([await t.database.manager.find(Session), await t.database.manager.find(SpentToken)]);

    expect(rows).not.toContain(first.refreshToken);
    expect(rows.match(/"tokenHash":"[0-9a-f]{64}"/g)!.length).toBeGreaterThanOrEqual(2);
  });

  it('lasts 30 days from the last exchange', async () => {
    const { refreshToken } = await signIn();
    inDays(29);
    const second = await refresh(refreshToken);
    expect(second.status).toBe(200);
    inDays(58);
    const third = await refresh(second.body.refreshToken);
    expect(third.status).toBe(200);
    inDays(89);
    expect(await code(refresh(third.body.refreshToken))).toEqual([401, 'REFRESH_TOKEN_INVALID']);
  });

  it('forgets what has lapsed, and nothing else', async () => {
    const old = await signIn();
    await refresh(old.refreshToken);
    inDays(200);
    const young = await signIn();
    const second = (await refresh(young.refreshToken)).body;
    await t.get(SessionService).sweep();

    expect(await t.database.manager.count(Session)).toBe(1);
    expect(await t.database.manager.count(SpentToken)).toBe(1);
    expect((await refresh(second.refreshToken)).status).toBe(200);
  });

  it('ends at logout, however often one logs out', async () => {
    const { refreshToken } = await signIn();

    for (let i = 0; i < 2; i++) expect((await logout(refreshToken)).status).toBe(204);
    expect(await code(refresh(refreshToken))).toEqual([401, 'REFRESH_TOKEN_INVALID']);
    expect((await logout('never seen')).status).toBe(204);
  });

  it('ends at logout with a token that was exchanged already: the answer to the exchange may have been lost', async () => {
    const first = await signIn();
    const second = (await refresh(first.refreshToken)).body;

    expect((await logout(first.refreshToken)).status).toBe(204);
    expect((await refresh(second.refreshToken)).status).toBe(401);
  });

  it('gives the roles of the moment', async () => {
    const { user, refreshToken } = await signIn();
    const roles = { roles: ['customer', 'rider'] };
    await t.http.patch(`/api/v1/users/${user.id}/roles`, { as: t.actor('admin'), body: roles });
    const { body } = await refresh(refreshToken);

    expect(body.user.roles).toEqual(roles.roles);
    expect((await t.get(TokenService).verifyAccess(body.accessToken)).roles).toEqual(roles.roles);
  });
});
