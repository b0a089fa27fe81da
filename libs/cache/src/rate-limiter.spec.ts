import { CoreSettings, Environment } from '@nakku/config';
import { RateLimiter } from './rate-limiter.js';

const LOGIN = { points: 3, durationSeconds: 60 };

const core = (raw: Record<string, string> = {}) => new Environment(raw).get(CoreSettings);

describe('RateLimiter', () => {
  let limiter: RateLimiter;

  beforeEach(() => {
    limiter = new RateLimiter(core());
  });

  const consume = async (times: number, key = 'ann') => {
    const states = [];
    for (let index = 0; index < times; index++) states.push(await limiter.consume('login', key, LOGIN));
    return states;
  };

  it('allows as many uses as there are points and tells what is left', async () => {
    const states = await consume(4);

    expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
    expect(states.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
    expect(states[3]).toEqual({ allowed: false, limit: 3, remaining: 0, resetSeconds: 60 });
  });

  it('allows no more than the points when all uses come at once', async () => {
    const states = await Promise.all(Array.from({ length: 20 }, () => limiter.consume('login', 'ann', LOGIN)));

    expect(states.filter(({ allowed }) => allowed)).toHaveLength(3);
  });

  it('counts keys and names apart', async () => {
    await consume(3);

    expect((await limiter.consume('login', 'bob', LOGIN)).allowed).toBe(true);
    expect((await limiter.consume('register', 'ann', LOGIN)).allowed).toBe(true);
  });

  it('starts again when the window is over', async () => {
    const short = { points: 1, durationSeconds: 0.05 };
    await limiter.consume('short', 'ann', short);
    expect((await limiter.consume('short', 'ann', short)).allowed).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 80));

    expect((await limiter.consume('short', 'ann', short)).allowed).toBe(true);
  });

  it('does not count a window that is over, even when its timer is late', async () => {
    const short = { points: 1, durationSeconds: 0.02 };
    await limiter.consume('short', 'ann', short);
    const until = Date.now() + 30;
    while (Date.now() < until);

    expect((await limiter.peek('short', 'ann', short)).allowed).toBe(true);
  });

  it('does not lengthen the window of somebody who keeps trying', async () => {
    const short = { points: 1, durationSeconds: 0.1 };
    const until = Date.now() + 160;
    let allowed = 0;
    while (Date.now() < until) {
      allowed += Number((await limiter.consume('short', 'ann', short)).allowed);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }

    expect(allowed).toBe(2);
  });

  it('peeks without using anything', async () => {
    expect(await limiter.peek('login', 'ann', LOGIN)).toEqual({
      allowed: true,
      limit: 3,
      remaining: 3,
      resetSeconds: 60,
    });
    await consume(2);
    await limiter.peek('login', 'ann', LOGIN);

    expect(await limiter.peek('login', 'ann', LOGIN)).toMatchObject({ allowed: true, remaining: 1 });
    await consume(1);
    expect(await limiter.peek('login', 'ann', LOGIN)).toMatchObject({ allowed: false, remaining: 0 });
  });

  it('gives a point back, but never more than were used', async () => {
    await consume(3);
    await limiter.refund('login', 'ann');
    expect((await limiter.peek('login', 'ann', LOGIN)).remaining).toBe(1);

    for (let index = 0; index < 9; index++) await limiter.refund('login', 'ann');
    await limiter.refund('login', 'nobody');
    expect((await consume(4)).map(({ allowed }) => allowed)).toEqual([true, true, true, false]);
  });

  it('forgets a key on reset', async () => {
    await consume(4);
    await limiter.reset('login', 'ann');

    expect((await limiter.consume('login', 'ann', LOGIN)).remaining).toBe(2);
  });

  it('keeps a bounded number of keys under a flood of made-up ones', async () => {
    limiter = new RateLimiter(core(), undefined, 100);
    await consume(3, 'first');
    for (let index = 0; index < 100; index++) await limiter.consume('login', `made-up-${index}`, LOGIN);

    expect((await limiter.peek('login', 'first', LOGIN)).remaining).toBe(3);
    expect((await limiter.peek('login', 'made-up-99', LOGIN)).remaining).toBe(2);
  });

  it('still counts somebody who is active during such a flood', async () => {
    limiter = new RateLimiter(core(), undefined, 100);
    for (let index = 0; index < 300; index++) {
      await limiter.consume('login', `made-up-${index}`, LOGIN);
      if (index % 50 === 0) await consume(1);
    }

    expect((await limiter.peek('login', 'ann', LOGIN)).allowed).toBe(false);
  });

  it('lifts with RATE_LIMITS=off every limit but those that always hold', async () => {
    limiter = new RateLimiter(core({ RATE_LIMITS: 'off' }));
    expect((await consume(9)).every(({ allowed, remaining }) => allowed && remaining === 3)).toBe(true);

    const account = { ...LOGIN, always: true };
    for (let index = 0; index < 3; index++) await limiter.consume('account', 'ann', account);
    expect((await limiter.consume('account', 'ann', account)).allowed).toBe(false);
    expect((await limiter.peek('account', 'ann', account)).allowed).toBe(false);
  });
});
