import { Logger } from '@nestjs/common';
import { HealthRegistry } from './health.registry.js';

const ok = async () => {};
const broken = async () => {
  throw new Error('connect to db.internal failed: SELECT 1');
};

describe('HealthRegistry', () => {
  let registry: HealthRegistry;
  let warn: jest.SpyInstance;

  beforeEach(() => {
    registry = new HealthRegistry();
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('names every dependency with its state', async () => {
    registry.add('database', ok);
    registry.add('kafka', broken);

    expect(await registry.ready()).toEqual({
      database: { status: 'up' },
      kafka: { status: 'down', message: 'failed' },
    });
  });

  it('tells the code of a driver and nothing else of its error', async () => {
    registry.add('database', async () => {
      throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:3306'), { code: 'ECONNREFUSED' });
    });
    registry.add('odd', async () => {
      throw Object.assign(new Error('x'), { code: 'no such host db.internal' });
    });

    expect(await registry.ready()).toEqual({
      database: { status: 'down', message: 'failed with ECONNREFUSED' },
      odd: { status: 'down', message: 'failed' },
    });
  });

  it('also takes a check that throws at once for down', async () => {
    registry.add('database', () => {
      throw new Error('not open');
    });

    expect(await registry.ready()).toMatchObject({ database: { status: 'down' } });
  });

  it('gives up on a check after two seconds', async () => {
    jest.useFakeTimers();
    registry.add('database', () => new Promise(() => {}));
    const report = registry.ready();
    await jest.advanceTimersByTimeAsync(2000);

    expect(await report).toEqual({ database: { status: 'down', message: 'no answer within 2 s' } });
  });

  it('runs the checks at the same time', async () => {
    let others: () => void = () => {};
    const second = new Promise<void>((resolve) => (others = resolve));
    registry.add('first', () => second);
    registry.add('second', async () => others());

    expect(await registry.ready()).toEqual({ first: { status: 'up' }, second: { status: 'up' } });
  });

  it('asks a dependency once for many probes, and again after half a second', async () => {
    jest.useFakeTimers();
    const check = jest.fn(ok);
    registry.add('database', check);

    await Promise.all([registry.ready(), registry.ready()]);
    expect(jest.getTimerCount()).toBe(0);
    await jest.advanceTimersByTimeAsync(499);
    await registry.ready();
    expect(check).toHaveBeenCalledTimes(1);

    await jest.advanceTimersByTimeAsync(1);
    await registry.ready();
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('shows a failing informational dependency as degraded', async () => {
    registry.add('cache', broken, { informational: true });

    expect(await registry.ready()).toEqual({ cache: { status: 'degraded', message: 'failed' } });
  });

  it('has only the checks marked live in liveness', async () => {
    registry.add('database', broken);
    registry.add('consumer', ok, { live: true });

    expect(await registry.live()).toEqual({ consumer: { status: 'up' } });
  });

  it('fails readiness and not liveness while draining', async () => {
    registry.add('consumer', ok, { live: true });
    registry.draining();

    expect(await registry.ready()).toMatchObject({ shutdown: { status: 'down', message: 'shutting down' } });
    expect(await registry.live()).toEqual({ consumer: { status: 'up' } });
  });

  it('forgets a removed check', async () => {
    registry.add('database', broken);
    registry.remove('database');

    expect(await registry.ready()).toEqual({});
  });

  it('logs a failure with its cause once, and not at every probe', async () => {
    jest.useFakeTimers();
    registry.add('database', broken);
    await registry.ready();
    await jest.advanceTimersByTimeAsync(600);
    await registry.ready();

    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]).toMatchObject([{ dependency: 'database' }, 'database is down']);
  });
});
