import { Logger } from '@nestjs/common';
import { describeWith, eventually, type OwnServer, ownServer, type RedisServer } from '@nakku/testing';
import { RedisConnection } from './redis.connection.js';
import { Deployment, impatient } from './redis.fixture.js';

describeWith(['redis'], 'RedisConnection', () => {
  let server: RedisServer & OwnServer;
  let deployment: Deployment;
  let redis: RedisConnection;
  let warn: jest.SpyInstance;
  let log: jest.SpyInstance;

  beforeAll(async () => (server = await ownServer('redis')));
  afterAll(() => server.remove());

  beforeEach(async () => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    log = jest.spyOn(Logger.prototype, 'log').mockImplementation();
    deployment = new Deployment({ ...server.env, ...impatient });
    redis = await deployment.process();
  });

  afterEach(async () => {
    await deployment.close();
    await server.start();
    jest.restoreAllMocks();
  });

  const ping = () => redis.attempt((client) => client.ping());
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };

  it('is up as soon as it is opened, and its keys have the prefix', async () => {
    await redis.attempt((client) => client.set('key', 'value'));
    const bare = await new Deployment(server.env, 'x:').process();
    const keys = await bare.client?.keys('*');
    await bare.onApplicationShutdown();

    expect(redis.up).toBe(true);
    expect(keys).toEqual([expect.stringMatching(/^test-\w+:key$/)]);
  });

  it('answers nothing while the server is dead, at once, and comes back by itself', async () => {
    await server.stop('SIGKILL');
    await eventually('it is known to be gone', async () => !redis.up, 2000);
    const tries = await timed(async () => {
      for (let index = 0; index < 100; index++) expect(await ping()).toBeUndefined();
    });
    await expect(redis.ping()).rejects.toThrow();
    await server.start();
    await eventually('it is back', async () => (await ping()) === 'PONG', 5000);

    // As long as one of the hundred would take, were it waited for (REDIS_TIMEOUT_MS).
    expect(tries).toBeLessThan(250);
    expect(redis.session).toBe(2);
  });

  it('waits for a server that hangs once, and not for every request', async () => {
    await server.stop('SIGSTOP');
    const first = await timed(() => Promise.all(Array.from({ length: 50 }, ping)));
    const later = await timed(() => Promise.all(Array.from({ length: 50 }, ping)));
    await server.start();
    await eventually('it is back', ping, 5000);

    expect(first).toBeLessThan(3000);
    expect(later).toBeLessThan(first / 2);
  });

  it('gives a connection up whose other end says nothing for long', async () => {
    const { client } = redis;
    const closed = jest.fn();
    client?.on('close', closed);
    await server.stop('SIGSTOP');
    await ping();
    await eventually('the connection is given up', async () => closed.mock.calls.length > 0, 10_000);
    await server.start();

    await eventually('there is another', ping, 10_000);
  });

  it('says once that it is gone, and once that it is back', async () => {
    await server.stop('SIGKILL');
    await eventually('it is known to be gone', async () => !redis.up, 2000);
    await ping();
    await server.start();
    await eventually('it is back', ping, 5000);

    expect(warn.mock.calls).toEqual([[expect.anything(), 'redis does not answer: going on without it']]);
    expect(log.mock.calls).toEqual([['redis answers again']]);
  });

  it('is opened though the server is dead, within about a second, and comes up later', async () => {
    await server.stop('SIGKILL');
    let late: RedisConnection | undefined;
    const opening = await timed(async () => (late = await deployment.process()));
    expect(late?.up).toBe(false);
    await server.start();
    await eventually('it is up', async () => late?.up, 5000);

    expect(opening).toBeLessThan(3000);
  });

  it('stays up when a command is wrong', async () => {
    const answer = await redis.attempt((client) => client.call('NO-SUCH-COMMAND'));

    expect(answer).toBeUndefined();
    expect(redis.up).toBe(true);
    expect(warn).toHaveBeenCalledWith(expect.anything(), 'a redis command failed');
  });

  it('lets what was sent through before it closes, and is silent afterwards', async () => {
    void redis.attempt((client) => client.set('last', 'words'));
    await redis.onApplicationShutdown();
    expect(await ping()).toBeUndefined();
    const other = await deployment.process();

    expect(await other.attempt((client) => client.get('last'))).toBe('words');
    expect(warn).not.toHaveBeenCalled();
  });

  it('answers nothing when it is not configured', async () => {
    const none = await deployment.process({});

    expect(none.configured).toBe(false);
    expect(await none.attempt(async () => 'an answer')).toBeUndefined();
    await none.ping();
  });
});
