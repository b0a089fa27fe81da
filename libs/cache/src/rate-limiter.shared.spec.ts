import { Logger } from '@nestjs/common';
import { CoreSettings, Environment } from '@nakku/config';
import { describeWith, eventually, ownServer } from '@nakku/testing';
import { RateLimiter } from './rate-limiter.js';
import { Deployment, impatient } from './redis.fixture.js';

const LOGIN = { points: 3, durationSeconds: 60 };
const core = new Environment({}).get(CoreSettings);

describe.each(['redis', 'redisCluster'] as const)('Rate limits of two processes', (server) => {
  describeWith([server], `on ${server}`, (servers) => {
    let deployment: Deployment;
    let one: RateLimiter;
    let two: RateLimiter;

    beforeEach(async () => {
      deployment = new Deployment(servers[server].env);
      one = new RateLimiter(core, await deployment.process());
      two = new RateLimiter(core, await deployment.process());
    });
    afterEach(() => deployment.close());

    it('hold for both together', async () => {
      const states = [];
      for (const limiter of [one, two, one, two]) states.push(await limiter.consume('login', 'ann', LOGIN));

      expect(states.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      expect(states[3]?.resetSeconds).toBeGreaterThan(50);
      expect(await two.peek('login', 'ann', LOGIN)).toMatchObject({ allowed: false, remaining: 0 });
    });

    it('allow no more than the points when all uses come at once', async () => {
      const uses = Array.from({ length: 40 }, (_, index) => (index % 2 ? one : two).consume('login', 'ann', LOGIN));

      expect((await Promise.all(uses)).filter(({ allowed }) => allowed)).toHaveLength(3);
    });

    it('count keys and names apart', async () => {
      for (let index = 0; index < 3; index++) await one.consume('login', 'ann', LOGIN);

      expect((await two.consume('login', 'bob', LOGIN)).remaining).toBe(2);
      expect((await two.consume('register', 'ann', LOGIN)).remaining).toBe(2);
    });

    it('start again when the window is over, also one of less than a second', async () => {
      const short = { points: 1, durationSeconds: 0.5 };
      await one.consume('short', 'ann', short);
      expect((await two.consume('short', 'ann', short)).allowed).toBe(false);

      await eventually('it is over', async () => (await two.peek('short', 'ann', short)).allowed, 3000);
      expect((await one.consume('short', 'ann', short)).allowed).toBe(true);
    });

    it('peek without using anything', async () => {
      expect(await one.peek('login', 'ann', LOGIN)).toEqual({
        allowed: true,
        limit: 3,
        remaining: 3,
        resetSeconds: 60,
      });
      await one.consume('login', 'ann', LOGIN);
      await two.peek('login', 'ann', LOGIN);

      expect((await one.peek('login', 'ann', LOGIN)).remaining).toBe(2);
    });

    it('give points back to the other too, but never more than were used', async () => {
      for (let index = 0; index < 3; index++) await one.consume('login', 'ann', LOGIN);
      await two.refund('login', 'ann');
      expect((await one.peek('login', 'ann', LOGIN)).remaining).toBe(1);

      for (let index = 0; index < 9; index++) await two.refund('login', 'ann');
      await two.refund('login', 'nobody');
      expect((await one.peek('login', 'ann', LOGIN)).remaining).toBe(3);
      expect((await one.peek('login', 'nobody', LOGIN)).remaining).toBe(3);
    });

    it('forget a key for both on reset', async () => {
      for (let index = 0; index < 4; index++) await one.consume('login', 'ann', LOGIN);
      await two.reset('login', 'ann');

      expect((await one.consume('login', 'ann', LOGIN)).remaining).toBe(2);
    });
  });
});

describeWith(['redis'], 'Rate limits when Redis dies', () => {
  it('hold in each process for itself, and together again when it is back', async () => {
    for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
    const server = await ownServer('redis');
    const deployment = new Deployment({ ...server.env, ...impatient });
    const processes = [await deployment.process(), await deployment.process()] as const;
    const [one, two] = [new RateLimiter(core, processes[0]), new RateLimiter(core, processes[1])];
    const uses = async (limiter: RateLimiter) => {
      const states = [];
      for (let index = 0; index < 5; index++) states.push(await limiter.consume('login', 'ann', LOGIN));
      return states.filter(({ allowed }) => allowed).length;
    };
    expect([await uses(one), await uses(two)]).toEqual([3, 0]);
    await server.stop('SIGKILL');
    await eventually('it is gone', async () => processes.every(({ up }) => !up), 2000);
    expect([await uses(one), await uses(two)]).toEqual([3, 3]);
    expect((await one.peek('login', 'ann', LOGIN)).allowed).toBe(false);
    await one.reset('login', 'ann');
    expect((await one.peek('login', 'ann', LOGIN)).remaining).toBe(3);
    await server.start();
    await eventually('it is back', async () => processes.every(({ up }) => up), 5000);

    expect([await uses(one), await uses(two)]).toEqual([3, 0]);
    await deployment.close();
    await server.remove();
    jest.restoreAllMocks();
  });
});
