import { Passwords, TokenService } from '@nakku/auth';
import { CartApi } from '@nakku/contracts';
import { RateLimiter } from '@nakku/cache';
import { unavailable } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { UserModule } from './user.module.js';

const ANN = { email: 'ann@example.test', password: 'correct horse', firstName: 'Ann', lastName: 'Rao' };

describe('signing in', () => {
  let t: Harness;
  const merge = jest.fn<Promise<{ merged: boolean }>, [{ guestToken: string; customerId: string }]>();

  beforeAll(async () => {
    t = await domainHarness(UserModule, { fakes: [fake(CartApi, { merge })] });
  });
  afterAll(() => t.close());
  beforeEach(() => {
    merge.mockReset().mockResolvedValue({ merged: true });
  });
  afterEach(() => jest.restoreAllMocks());

  const register = (body: object, headers = {}) => t.http.post('/api/v1/users/register', { body, headers });
  const login = (email: string, password: string, headers = {}) =>
    t.http.post('/api/v1/users/login', { body: { email, password }, headers });

  describe('POST /users/register', () => {
    it('makes a customer, signs them in, and never shows a hash', async () => {
      const { status, body, headers } = await register({ ...ANN, phone: '+919876543210' });

      expect(status).toBe(201);
      expect(body).toEqual({
        user: {
          id: expect.any(String),
          email: ANN.email,
          firstName: 'Ann',
          lastName: 'Rao',
          phone: '+919876543210',
          roles: ['customer'],
          createdAt: expect.any(String),
        },
        accessToken: expect.any(String),
        refreshToken: expect.stringMatching(/^[\w-]{43}$/),
        expiresIn: 900,
      });
      expect(headers['cache-control']).toBe('no-store');
      expect(await t.get(TokenService).verifyAccess(body.accessToken)).toMatchObject({
        id: body.user.id,
        roles: ['customer'],
      });
      expect(await t.published('user.registered')).toContainEqual({
        userId: body.user.id,
        email: ANN.email,
        firstName: 'Ann',
      });
    });

    it('takes an e-mail for the same however it is spelt', async () => {
      expect((await register({ ...ANN, email: '  Bob@Example.TEST ' })).body.user.email).toBe('bob@example.test');
      expect(await register({ ...ANN, email: 'BOB@example.test' })).toMatchObject({
        status: 409,
        body: { code: 'EMAIL_TAKEN' },
      });
      expect((await login(' BOB@EXAMPLE.test', ANN.password)).status).toBe(200);
    });

    it('gives an e-mail to one of many who ask for it at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => register({ ...ANN, email: 'race@example.test' })),
      );

      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
      expect(answers.filter(({ status }) => status === 409).every(({ body }) => body.code === 'EMAIL_TAKEN')).toBe(
        true,
      );
      expect((await t.published('user.registered')).filter(({ email }) => email === 'race@example.test')).toHaveLength(
        1,
      );
    });

    it.each([
      ['no e-mail', { email: undefined }],
      ['an e-mail that is none', { email: 'ann' }],
      ['an e-mail that is too long', { email: `${'a'.repeat(190)}@example.test` }],
      ['a password of 7 characters', { password: '1234567' }],
      ['a password of 129 characters', { password: 'x'.repeat(129) }],
      ['a blank first name', { firstName: '   ' }],
      ['a last name of 81 characters', { lastName: 'x'.repeat(81) }],
      ['a phone number that is none', { phone: 'call me' }],
      ['a role of their own choice', { roles: ['admin'] }],
    ])('refuses %s', async (_, change) => {
      const { status, body } = await register({ ...ANN, email: 'carl@example.test', ...change });

      expect(status).toBe(400);
      expect(body.errors.length).toBeGreaterThan(0);
    });

    it('accepts passwords of 8 and of 128 characters', async () => {
      expect((await register({ ...ANN, email: 'short@example.test', password: '12345678' })).status).toBe(201);
      expect((await register({ ...ANN, email: 'long@example.test', password: 'x'.repeat(128) })).status).toBe(201);
      expect((await login('long@example.test', 'x'.repeat(127))).status).toBe(401);
    });
  });

  describe('POST /users/login', () => {
    it('answers like a registration, opens a session of its own, and tells', async () => {
      const first = await register({ ...ANN, email: 'dora@example.test' });
      const { status, body, headers } = await login('dora@example.test', ANN.password);

      expect(status).toBe(200);
      expect(body.user).toEqual(first.body.user);
      expect(body.refreshToken).not.toBe(first.body.refreshToken);
      expect(headers['cache-control']).toBe('no-store');
      const { sessionId } = await t.get(TokenService).verifyAccess(body.accessToken);
      expect(await t.published('user.login')).toContainEqual({ userId: body.user.id, sessionId });
    });

    it('says the same to a wrong password and to an unknown account, after the same work', async () => {
      await register({ ...ANN, email: 'emil@example.test' });
      const verify = jest.spyOn(t.get(Passwords), 'verify');
      const wrong = await login('emil@example.test', 'wrong horse');
      const unknown = await login('nobody@example.test', 'wrong horse');

      const { traceId: _one, ...problem } = wrong.body;
      const { traceId: _other, ...other } = unknown.body;
      expect([wrong.status, problem.code]).toEqual([401, 'INVALID_CREDENTIALS']);
      expect([unknown.status, other]).toEqual([401, problem]);
      expect(verify.mock.calls).toEqual([
        [expect.stringMatching(/^\$argon2id/), 'wrong horse'],
        [undefined, 'wrong horse'],
      ]);
    });

    it('lets nobody in whose password was changed while it was being checked', async () => {
      const { body } = await register({ ...ANN, email: 'fast@example.test' });
      const passwords = t.get(Passwords);
      const original = passwords.verify.bind(passwords);
      jest.spyOn(passwords, 'verify').mockImplementationOnce(async (stored, password) => {
        const fits = await original(stored, password);
        const change = { currentPassword: ANN.password, newPassword: 'another horse' };
        await t.http.post('/api/v1/users/password/change', {
          body: change,
          headers: { authorization: `Bearer ${body.accessToken}` },
        });
        return fits;
      });

      expect((await login('fast@example.test', ANN.password)).status).toBe(401);
      expect((await login('fast@example.test', 'another horse')).status).toBe(200);
    });
  });

  describe('the cart of a guest', () => {
    it('is handed over on registration and on login', async () => {
      const { body } = await register({ ...ANN, email: 'gina@example.test' }, { 'x-cart-token': 'guest-1' });
      await login('gina@example.test', ANN.password, { 'x-cart-token': 'guest-2' });
      await login('gina@example.test', ANN.password);

      const customerId = body.user.id;
      expect(merge.mock.calls).toEqual([
        [{ guestToken: 'guest-1', customerId }],
        [{ guestToken: 'guest-2', customerId }],
      ]);
    });

    it.each([
      ['is down', () => Promise.reject(unavailable('cart is down'))],
      ['has a bug', () => Promise.reject(new TypeError('cart has a bug'))],
    ])('stays where it is when the cart service %s, and signing in works', async (why, fail) => {
      merge.mockImplementation(fail);
      const email = `${why.replace(/ /g, '')}@example.test`;

      expect((await register({ ...ANN, email }, { 'x-cart-token': 'guest-1' })).status).toBe(201);
      expect((await login(email, ANN.password, { 'x-cart-token': 'guest-1' })).status).toBe(200);
    });

    it('is not waited for longer than two seconds', async () => {
      merge.mockImplementation(() => new Promise(() => undefined));
      const startedAt = Date.now();

      expect((await login('gina@example.test', ANN.password, { 'x-cart-token': 'guest-1' })).status).toBe(200);
      expect(Date.now() - startedAt).toBeLessThan(4000);
    });

    it('is ignored when its token cannot be one', async () => {
      expect((await login('gina@example.test', ANN.password, { 'x-cart-token': 'x'.repeat(500) })).status).toBe(200);
      expect(merge).not.toHaveBeenCalled();
    });
  });

  it('asks an address that registers more than 60 times a minute to wait', async () => {
    await t.get(RateLimiter).reset('register', '127.0.0.1');
    const bodies = Array.from({ length: 60 }, () => register(ANN));
    expect((await Promise.all(bodies)).every(({ status }) => status === 409)).toBe(true);

    const { status, body, headers } = await register({ ...ANN, email: 'late@example.test' });
    expect([status, body.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
