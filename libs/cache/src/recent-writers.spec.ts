import { Logger } from '@nestjs/common';
import { describeWith, eventually, type OwnServer, ownServer, type RedisServer } from '@nakku/testing';
import { RecentWriters } from './recent-writers.js';
import { Deployment, impatient, Wire } from './redis.fixture.js';

describe.each(['redis', 'redisCluster'] as const)('RecentWriters', (server) => {
  describeWith([server], `on ${server}`, (servers) => {
    let deployment: Deployment;
    beforeEach(() => (deployment = new Deployment(servers[server].env)));
    afterEach(() => deployment.close());

    const recentWriters = async () => new RecentWriters(await deployment.process());

    it('are known to every process', async () => {
      const [one, two] = [await recentWriters(), await recentWriters()];
      await one.mark('user ann');

      expect([await one.has('user ann'), await two.has('user ann')]).toEqual([true, true]);
      expect([await one.has('user bob'), await two.has('user bob')]).toEqual([false, false]);
    });
  });
});

describe('RecentWriters', () => {
  it('are those of the process itself where Redis is not configured', async () => {
    const writers = new RecentWriters();
    await writers.mark('user ann');

    expect([await writers.has('user ann'), await writers.has('user bob')]).toEqual([true, false]);
  });

  describeWith(['redis'], 'on Redis', (servers) => {
    it('are forgotten after five seconds', async () => {
      const deployment = new Deployment(servers.redis.env);
      const [one, two] = [new RecentWriters(await deployment.process()), new RecentWriters(await deployment.process())];
      const start = Date.now();
      await one.mark('user ann');
      await eventually('both forget', async () => !(await one.has('user ann')) && !(await two.has('user ann')), 10_000);

      expect(Date.now() - start).toBeGreaterThan(4900);
      await deployment.close();
    });
  });

  describeWith(['redis'], 'when Redis does not answer', () => {
    let server: RedisServer & OwnServer;
    let deployment: Deployment;

    beforeEach(async () => {
      for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
      server = await ownServer('redis');
      deployment = new Deployment({ ...server.env, ...impatient });
    });
    afterEach(async () => {
      await deployment.close();
      await server.remove();
      jest.restoreAllMocks();
    });

    it('may be anybody, until five seconds after it is back without its memory', async () => {
      const redis = await deployment.process();
      const writers = new RecentWriters(redis);
      expect(await writers.has('user bob')).toBe(false);
      await server.stop('SIGKILL');
      await eventually('it is gone', async () => !redis.up, 2000);
      expect(await writers.has('user bob')).toBe(true);
      await server.start();
      await eventually('it is back', async () => redis.up, 5000);
      expect(await writers.has('user bob')).toBe(true);

      await eventually('it is believed again', async () => !(await writers.has('user bob')), 10_000);
    });

    it('are told of when it is back, if a process was cut off while somebody wrote to it', async () => {
      const wire = await Wire.to(server);
      const redis = await deployment.process(wire.env);
      const [one, two] = [new RecentWriters(redis), new RecentWriters(await deployment.process())];
      wire.cut();
      await eventually('it is cut off', async () => !redis.up, 2000);
      await one.mark('user ann');
      wire.mend();

      await eventually('the other process knows', () => two.has('user ann'), 4000);
      wire.close();
    });
  });
});
