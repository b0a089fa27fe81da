import { Passwords } from '@nakku/auth';
import { RateLimiter } from '@nakku/cache';
import { domainHarness, type Harness } from '@nakku/testing';
import { UserModule } from './user.module.js';

describe('guessing passwords', () => {
  let t: Harness;
  const open = async (env: Record<string, string> = {}) => (t = await domainHarness(UserModule, { env }));
  afterEach(async () => {
    jest.restoreAllMocks();
    await t.close();
  });

  const login = (email: string, password: string) => t.http.post('/api/v1/users/login', { body: { email, password } });
  const statuses = async (count: number, email: (i: number) => string) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => login(email(i), 'wrong horse')));
    return answers.map(({ status }) => status).sort();
  };
  const register = (email: string) =>
    t.http.post('/api/v1/users/register', {
      body: { email, password: 'correct horse', firstName: 'Ann', lastName: 'Rao' },
    });
  /** Hashing is not what these tests are about. */
  const withoutHashing = () => {
    jest.spyOn(t.get(Passwords), 'hash').mockImplementation(async (password) => `hash of ${password}`);
    jest
      .spyOn(t.get(Passwords), 'verify')
      .mockImplementation(async (stored, password) => stored === `hash of ${password}`);
  };

  it('fails ten times on an account, then even the right password has to wait', async () => {
    await open();
    withoutHashing();
    await register('ann@example.test');
    for (let i = 0; i < 10; i++) expect((await login('ann@example.test', 'wrong horse')).status).toBe(401);

    const { status, body, headers } = await login('Ann@example.test', 'correct horse');
    expect([status, body.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(14 * 60);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(15 * 60);
    expect(headers).toMatchObject({
      'ratelimit-limit': '10',
      'ratelimit-remaining': '0',
      'ratelimit-reset': headers['retry-after'],
    });
  });

  it('gets exactly ten guesses out of fifty at once, and the others cost no hash', async () => {
    await open();
    const verify = jest.spyOn(t.get(Passwords), 'verify');

    const found = await statuses(50, () => 'ann@example.test');
    expect(found.filter((status) => status === 401)).toHaveLength(10);
    expect(found.filter((status) => status === 429)).toHaveLength(40);
    expect(verify).toHaveBeenCalledTimes(10);
  });

  it('is limited in the same way where there is no account', async () => {
    await open();
    withoutHashing();
    expect(await statuses(12, () => 'nobody@example.test')).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('is forgiven by a successful login', async () => {
    await open();
    withoutHashing();
    await register('ann@example.test');
    for (let round = 0; round < 3; round++) {
      expect(await statuses(9, () => 'ann@example.test')).toEqual(Array(9).fill(401));
      expect((await login('ann@example.test', 'correct horse')).status).toBe(200);
    }
  });

  it('never refuses many right logins at once', async () => {
    await open();
    withoutHashing();
    await register('ann@example.test');
    const answers = await Promise.all(Array.from({ length: 40 }, () => login('ann@example.test', 'correct horse')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('fails a hundred times from an address, whichever the accounts; right passwords do not count', async () => {
    await open();
    withoutHashing();
    await register('ann@example.test');
    expect(await statuses(99, (i) => `a${i}@example.test`)).toEqual(Array(99).fill(401));
    for (let i = 0; i < 5; i++) expect((await login('ann@example.test', 'correct horse')).status).toBe(200);
    expect((await login('b@example.test', 'wrong horse')).status).toBe(401);

    expect((await login('ann@example.test', 'correct horse')).status).toBe(429);
    await t.get(RateLimiter).reset('login address', '127.0.0.1');
    expect((await login('ann@example.test', 'correct horse')).status).toBe(200);
  });

  it('is limited by account alone with RATE_LIMITS=off', async () => {
    await open({ RATE_LIMITS: 'off' });
    withoutHashing();
    expect(await statuses(120, (i) => `a${i}@example.test`)).toEqual(Array(120).fill(401));
    expect(await statuses(11, () => 'ann@example.test')).toEqual([...Array<number>(10).fill(401), 429]);
  });
});
