import { type Input } from '@nakku/rpc';
import { NotificationApi } from '@nakku/contracts';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { AttemptService } from './attempt.service.js';
import { ResetService } from './reset.service.js';
import { PasswordReset } from './session.entity.js';
import { SessionService } from './session.service.js';
import { UserModule } from './user.module.js';

const OLD = 'correct horse';
const NEW = 'another horse';
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

describe('passwords', () => {
  let t: Harness;
  let number = 0;
  const send = jest.fn<Promise<Record<string, never>>, [Input<NotificationApi, 'send'>]>();

  beforeAll(async () => {
    t = await domainHarness(UserModule, { fakes: [fake(NotificationApi, { send })] });
  });
  afterAll(() => t.close());
  beforeEach(() => {
    send.mockReset().mockResolvedValue({});
  });
  afterEach(() => jest.useRealTimers());

  const post = (path: string, body: object, token?: string) =>
    t.http.post(`/api/v1/users/${path}`, { body, headers: token ? { authorization: `Bearer ${token}` } : {} });
  const signUp = async () => {
    const body = { email: `ann${++number}@example.test`, password: OLD, firstName: 'Ann', lastName: 'Rao' };
    const { user, accessToken, refreshToken } = (await post('register', body)).body;
    return { id: user.id as string, email: body.email, accessToken, refreshToken };
  };
  const login = (email: string, password: string) => post('login', { email, password });
  const refreshes = async (refreshToken: string) => (await post('token/refresh', { refreshToken })).status === 200;
  const forgot = async (email: string) => {
    const answer = await post('password/forgot', { email });
    await t.get(ResetService).beforeApplicationShutdown();
    return answer;
  };
  const mailed = async (email: string): Promise<string> => {
    await forgot(email);
    return String(send.mock.lastCall![0].data.token);
  };
  /** Moves the clock on the wall, and leaves the timers alone. */
  const inMinutes = (minutes: number) => {
    jest.useRealTimers();
    jest.useFakeTimers({ now: Date.now() + minutes * 60_000, doNotFake: [...TIMERS] });
  };
  const reset = (token: string, newPassword = NEW) => post('password/reset', { token, newPassword });

  describe('that were forgotten', () => {
    it('are answered with 202 before anything is known, and a mail with a token', async () => {
      const { email } = await signUp();
      const { status, body } = await forgot(email.toUpperCase());

      expect([status, body]).toEqual([202, undefined]);
      expect(send).toHaveBeenCalledTimes(1);
      const [mail] = send.mock.lastCall!;
      expect(mail).toMatchObject({
        channel: 'email',
        to: email,
        data: { token: expect.stringMatching(/^[\w-]{43}$/) },
      });
      expect(mail.body).toContain(mail.data.token);
      expect(mail).not.toHaveProperty('userId');
    });

    it('are answered in the same way where there is no account, without a mail', async () => {
      expect(await forgot('nobody@example.test')).toMatchObject({ status: 202, body: undefined });
      expect(send).not.toHaveBeenCalled();
    });

    it('are answered without waiting for the mail', async () => {
      const { email } = await signUp();
      let deliver!: () => void;
      send.mockReturnValue(new Promise((resolve) => (deliver = () => resolve({}))));

      expect((await post('password/forgot', { email })).status).toBe(202);
      deliver();
      await t.get(ResetService).beforeApplicationShutdown();
    });

    it('cost nobody anything when the mail cannot be sent: one asks again', async () => {
      const { email } = await signUp();
      send.mockRejectedValueOnce(new Error('notification is down'));

      expect((await forgot(email)).status).toBe(202);
      expect((await reset(await mailed(email))).status).toBe(204);
    });

    it('send five mails an hour to one person at most', async () => {
      const { email } = await signUp();
      for (let i = 0; i < 7; i++) expect((await forgot(email)).status).toBe(202);

      expect(send).toHaveBeenCalledTimes(5);
    });

    it('are kept as hashes of their tokens', async () => {
      const token = await mailed((await signUp()).email);

      expect(JSON.stringify(await t.database.manager.find(PasswordReset))).not.toContain(token);
    });
  });

  describe('that are reset', () => {
    it('replace the old one, end every session, and tell', async () => {
      const ann = await signUp();
      const other = (await login(ann.email, OLD)).body;

      expect((await reset(await mailed(ann.email))).status).toBe(204);
      expect((await login(ann.email, OLD)).status).toBe(401);
      expect((await login(ann.email, NEW)).status).toBe(200);
      expect([await refreshes(ann.refreshToken), await refreshes(other.refreshToken)]).toEqual([false, false]);
      expect(await t.published('user.updated')).toContainEqual({ userId: ann.id, fields: ['password'] });
    });

    it('take each token once, also of two at the same moment', async () => {
      const token = await mailed((await signUp()).email);
      const answers = await Promise.all([reset(token), reset(token), reset(token)]);

      expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422]);
      expect(await reset(token)).toMatchObject({ status: 422, body: { code: 'RESET_TOKEN_INVALID' } });
    });

    it('make the tokens of earlier mails useless', async () => {
      const { email } = await signUp();
      const [first, second] = [await mailed(email), await mailed(email)];

      expect((await reset(second)).status).toBe(204);
      expect((await reset(first)).status).toBe(422);
    });

    it('take a token for 30 minutes', async () => {
      const [young, old] = [await mailed((await signUp()).email), await mailed((await signUp()).email)];
      inMinutes(29);
      expect((await reset(young)).status).toBe(204);
      inMinutes(31);
      expect((await reset(old)).status).toBe(422);

      await t.get(SessionService).sweep();
      expect(await t.database.manager.count(PasswordReset)).toBe(0);
    });

    it('keep the token when the new password is not good enough', async () => {
      const token = await mailed((await signUp()).email);

      expect((await reset(token, 'short')).status).toBe(400);
      expect((await reset(token)).status).toBe(204);
    });

    it('let in who was locked out by the guesses of others', async () => {
      const { email } = await signUp();
      const token = await mailed(email);
      for (let i = 0; i < 10; i++) await t.get(AttemptService).begin({ email, address: '127.0.0.1' });
      expect((await login(email, OLD)).status).toBe(429);

      await reset(token);
      expect((await login(email, NEW)).status).toBe(200);
    });

    it('do not bring a deleted account back', async () => {
      const ann = await signUp();
      const token = await mailed(ann.email);
      await t.http.delete('/api/v1/users/profile', { headers: { authorization: `Bearer ${ann.accessToken}` } });

      expect((await reset(token)).status).toBe(422);
    });
  });

  describe('that are changed', () => {
    const change = (token: string | undefined, currentPassword: string, newPassword = NEW) =>
      post('password/change', { currentPassword, newPassword }, token);

    it('replace the old one and end the other sessions, but not this one', async () => {
      const ann = await signUp();
      const other = (await login(ann.email, OLD)).body;

      expect((await change(ann.accessToken, OLD)).status).toBe(204);
      expect((await login(ann.email, OLD)).status).toBe(401);
      expect((await login(ann.email, NEW)).status).toBe(200);
      expect([await refreshes(ann.refreshToken), await refreshes(other.refreshToken)]).toEqual([true, false]);
      expect(await t.published('user.updated')).toContainEqual({ userId: ann.id, fields: ['password'] });
    });

    it('need the current one', async () => {
      const ann = await signUp();

      expect(await change(ann.accessToken, 'wrong horse')).toMatchObject({
        status: 422,
        body: { code: 'PASSWORD_WRONG' },
      });
      expect(await change(undefined, OLD)).toMatchObject({ status: 401 });
      expect((await login(ann.email, OLD)).status).toBe(200);
    });

    it('cannot be guessed here instead of at the login', async () => {
      const ann = await signUp();
      for (let i = 0; i < 10; i++) await change(ann.accessToken, 'wrong horse');

      expect(await change(ann.accessToken, OLD)).toMatchObject({ status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } });
      expect((await login(ann.email, OLD)).status).toBe(429);
    });

    it('become the one of the first of two changes at once', async () => {
      const ann = await signUp();
      const answers = await Promise.all(
        ['first horse', 'second horse'].map((next) => change(ann.accessToken, OLD, next)),
      );

      expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
    });

    it('make the tokens of mails useless', async () => {
      const ann = await signUp();
      const token = await mailed(ann.email);
      await change(ann.accessToken, OLD);

      expect((await reset(token)).status).toBe(422);
    });
  });
});
