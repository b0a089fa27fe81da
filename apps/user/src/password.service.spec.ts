import { Passwords } from '@nakku/auth';
import { RateLimiter } from '@nakku/cache';
import { CoreSettings, Environment } from '@nakku/config';
import type { AttemptRepository } from './attempt.repository.js';
import { AttemptService } from './attempt.service.js';
import { PasswordService } from './password.service.js';
import { UserSettings } from './user.config.js';

/** Work that waits until it is let go. */
function gated() {
  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  let running = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++running);
    await gate.then(() => new Promise((resolve) => setImmediate(resolve)));
    running--;
    return true;
  };
  return { work, letGo: open, most: () => most };
}

describe('PasswordService', () => {
  const passwords = new Passwords();
  const core = new Environment({ RATE_LIMITS: 'off' }).get(CoreSettings);
  /** Nobody has tried anything. */
  const accounts: Pick<AttemptRepository, keyof AttemptRepository> = {
    running: async () => undefined,
    count: async (kind) => ({ id: '', kind, uses: 1, expiresAt: '' }),
    forget: async () => undefined,
  };
  const attempts = new AttemptService(new RateLimiter(core), accounts as AttemptRepository, core);
  const service = (env = {}) => new PasswordService(passwords, attempts, new Environment(env).get(UserSettings));
  const somebody = () => ({ email: `${Math.random()}@example.test`, address: '::1' });
  afterEach(() => jest.restoreAllMocks());

  it('checks three passwords at a time, and all of them in the end', async () => {
    const { work, letGo, most } = gated();
    jest.spyOn(passwords, 'verify').mockImplementation(work);
    const queue = service();
    const all = Array.from({ length: 20 }, () => queue.check('h', 'p', somebody()));
    letGo();

    expect(await Promise.all(all)).toEqual(Array(20).fill(true));
    expect(most()).toBe(3);
  });

  it('turns away with 503 who finds the queue full, and takes people again afterwards', async () => {
    const { work, letGo } = gated();
    jest.spyOn(passwords, 'verify').mockImplementation(work);
    const queue = service({ USER_HASHES_AT_ONCE: '1', USER_HASHES_WAITING: '2' });
    const accepted = Array.from({ length: 3 }, () => queue.check('h', 'p', somebody()));

    await new Promise((resolve) => setImmediate(resolve));
    await expect(queue.hash('p')).rejects.toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      options: { headers: { 'retry-after': '5' } },
    });
    letGo();
    await Promise.all(accepted);
    expect(await queue.hash('p')).toMatch(/^\$argon2id/);
  });

  it('gives the turn back when the work or what comes first fails', async () => {
    const queue = service({ USER_HASHES_AT_ONCE: '1', USER_HASHES_WAITING: '0' });
    jest.spyOn(attempts, 'begin').mockRejectedValueOnce(new Error('not you'));
    const verify = jest.spyOn(passwords, 'verify');

    await expect(queue.check('h', 'p', somebody())).rejects.toThrow('not you');
    expect(verify).not.toHaveBeenCalled();
    await expect(queue.check('not a hash', 'p', somebody())).rejects.toThrow();
    expect(await queue.hash('p')).toMatch(/^\$argon2id/);
  });
});
