import { Logger } from '@nestjs/common';
import { describeWith, eventually, ownServer } from '@nakku/testing';
import { Positions } from './positions.js';
import { Deployment, impatient } from './redis.fixture.js';

const KORAMANGALA = { lat: 12.9352, lng: 77.6245 };
/** Some meters to the north. */
const north = (meters: number) => ({ lat: KORAMANGALA.lat + meters / 111_226.3, lng: KORAMANGALA.lng });
const MINUTE = 60_000;

function positionsOf(envOf: () => Record<string, string>): void {
  let deployment: Deployment;
  let one: Positions;
  /** Another process, where processes share anything. */
  let two: Positions;

  beforeEach(async () => {
    deployment = new Deployment(envOf());
    one = new Positions(await deployment.process());
    two = Object.keys(envOf()).length > 0 ? new Positions(await deployment.process()) : one;
  });
  afterEach(() => deployment.close());

  const ids = async (radius: number, limit = 10) =>
    (await two.near(KORAMANGALA, radius, limit)).map(({ riderId }) => riderId);

  it('are told as they were put, to every process', async () => {
    const at = Date.now();
    await one.put('rider-1', KORAMANGALA, at);

    expect(await two.get('rider-1')).toEqual({ ...KORAMANGALA, at });
    expect(await two.get('rider-2')).toBeUndefined();
  });

  it('find who is near, the nearest first, and how far', async () => {
    await one.put('far', north(5000));
    await one.put('middle', north(900));
    await one.put('close', north(100));

    expect(await ids(1000)).toEqual(['close', 'middle']);
    expect(await ids(10_000, 2)).toEqual(['close', 'middle']);
    const [close] = await two.near(KORAMANGALA, 1000, 1);
    expect(close).toMatchObject({ riderId: 'close', ...north(100), at: expect.any(Number) });
    expect(close?.meters).toBeGreaterThan(98);
    expect(close?.meters).toBeLessThan(102);
  });

  it('find nobody where nobody is', async () => {
    expect(await ids(1000)).toEqual([]);
  });

  it('follow a rider who moves, and not a message that comes late', async () => {
    const at = Date.now();
    await one.put('rider-1', north(100), at);
    await two.put('rider-1', north(3000), at + 1000);
    await one.put('rider-1', north(200), at + 500);

    expect(await two.get('rider-1')).toEqual({ ...north(3000), at: at + 1000 });
    expect(await ids(1000)).toEqual([]);
  });

  it('forget who has not told for five minutes', async () => {
    await one.put('gone', north(10), Date.now() - 6 * MINUTE);
    await one.put('leaving', north(20), Date.now() - 5 * MINUTE + 300);
    expect(await two.get('gone')).toBeUndefined();
    await eventually('the other is forgotten', async () => (await two.get('leaving')) === undefined, 2000);

    expect(await ids(1000)).toEqual([]);
  });

  it('do not stop at a place that Redis has no cell for', async () => {
    const pole = { lat: 89.9, lng: 0 };
    await one.put('bear', pole);

    expect(await two.get('bear')).toMatchObject(pole);
    expect(await ids(1000)).toEqual([]);
  });
}

describe('Positions in memory', () => positionsOf(() => ({})));
describeWith(['redis'], 'Positions on one Redis server', (servers) => positionsOf(() => servers.redis.env));
describeWith(['redisCluster'], 'Positions on a Redis cluster', (servers) =>
  positionsOf(() => servers.redisCluster.env),
);

describeWith(['redis'], 'Positions in Redis', (servers) => {
  it('take no place for those who have left, and none at all when all have', async () => {
    const deployment = new Deployment(servers.redis.env);
    const redis = await deployment.process();
    const positions = new Positions(redis);
    await positions.put('leaving', north(20), Date.now() - 5 * MINUTE + 300);
    await eventually('he is forgotten', async () => (await positions.get('leaving')) === undefined, 2000);
    await positions.put('staying', north(20));

    expect(await redis.client?.zrange('{positions}:cells', 0, -1)).toEqual(['staying']);
    expect(await redis.client?.hkeys('{positions}:told')).toEqual(['staying']);
    for (const part of ['cells', 'seen', 'told'])
      expect(await redis.client?.pttl(`{positions}:${part}`)).toBeGreaterThan(4 * MINUTE);
    await deployment.close();
  });

  it('are those that the process was told itself while Redis is gone', async () => {
    for (const level of ['warn', 'log'] as const) jest.spyOn(Logger.prototype, level).mockImplementation();
    const server = await ownServer('redis');
    const deployment = new Deployment({ ...server.env, ...impatient });
    const [redis, other] = [await deployment.process(), await deployment.process()];
    const [one, two] = [new Positions(redis), new Positions(other)];
    await one.put('rider-1', north(100));
    await server.stop('SIGKILL');
    await eventually('it is gone', async () => !redis.up && !other.up, 2000);
    await two.put('rider-2', north(200));

    expect((await one.near(KORAMANGALA, 1000, 9)).map(({ riderId }) => riderId)).toEqual(['rider-1']);
    expect(await two.get('rider-2')).toMatchObject(north(200));
    await server.start();
    await eventually('it is back', async () => redis.up && other.up, 5000);
    await two.put('rider-2', north(300));
    expect(await one.get('rider-2')).toMatchObject(north(300));
    await deployment.close();
    await server.remove();
    jest.restoreAllMocks();
  });
});
