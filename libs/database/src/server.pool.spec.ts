import { describeWith, eventually } from '@nakku/testing';
import { connectionOf } from './server.link.js';
import type { ServerOptions } from './server.options.js';
import { Pool, type PoolOptions } from './server.pool.js';
import { type Proxy, proxyTo } from './proxy.fixture.js';

describeWith(['mysql'], 'a pool of connections', (servers) => {
  let proxy: Proxy;
  let pool: Pool;

  const open = (more: Partial<PoolOptions> = {}) => {
    const { user, password, prefix: database } = servers.mysql;
    const server: ServerOptions = { ...proxy.address, user, password, database };
    const connection = { ...connectionOf(server, server, server), database: undefined };
    pool = new Pool({ connection, setup: ['SET @ready = 1'], size: 2, waitMs: 2000, ...more });
  };
  const idOf = async (link: Awaited<ReturnType<Pool['acquire']>>) =>
    ((await link.run('SELECT CONNECTION_ID() AS id')) as { id: number }[])[0]!.id;

  beforeEach(async () => {
    proxy = await proxyTo(servers.mysql);
  });
  afterEach(() => {
    pool.close();
    proxy.close();
  });

  it('opens one when it is needed, sets it up first, and uses it again', async () => {
    open();
    expect(proxy.count()).toBe(0);
    const first = await pool.acquire();
    expect(await first.run('SELECT @ready AS ready')).toEqual([{ ready: 1 }]);
    const id = await idOf(first);
    pool.release(first);
    const second = await pool.acquire();
    expect(await idOf(second)).toBe(id);
    pool.release(second);
  });

  it('does not hand out one that could not be set up', async () => {
    open({ setup: ['SET SESSION no_such_variable = 1'] });
    await expect(pool.acquire()).rejects.toThrow('Unknown system variable');
    expect(pool.size).toBe(0);
  });

  it('grows to its size, then has callers wait in turn', async () => {
    open();
    const links = [await pool.acquire(), await pool.acquire()];
    const order: string[] = [];
    const wait = async (who: string) => {
      const link = await pool.acquire();
      order.push(who);
      pool.release(link);
    };
    const waiting = [wait('first'), wait('second'), wait('third')];
    expect(pool.queued).toBe(3);
    links.forEach((link) => pool.release(link));
    await Promise.all(waiting);
    expect({ order, size: pool.size }).toEqual({ order: ['first', 'second', 'third'], size: 2 });
  });

  it('does not have callers wait longer than agreed', async () => {
    open({ size: 1, waitMs: 50 });
    const link = await pool.acquire();
    await expect(pool.acquire()).rejects.toThrow('no connection came free within 50 ms');
    expect(pool.queued).toBe(0);
    pool.release(link);
    pool.release(await pool.acquire());
  });

  it('gives whoever waits a new one when one is lost that somebody had', async () => {
    open({ size: 1 });
    const link = await pool.acquire();
    const waiting = pool.acquire();
    link.destroy();
    pool.release(link);
    const next = await waiting;
    expect(await next.run('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    pool.release(next);
  });

  it('tells those who wait that there is no server, rather than let them wait', async () => {
    open({ size: 1, waitMs: 20_000 });
    const link = await pool.acquire();
    const waiting = Array.from({ length: 5 }, () => pool.acquire());
    proxy.down();
    const results = await Promise.allSettled(waiting);
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    pool.release(link);
    expect(pool.size).toBe(0);
  });

  it('gives up one whose statement takes too long', async () => {
    open();
    const link = await pool.acquire();
    await expect(link.run('SELECT SLEEP(5)', [], 50)).rejects.toMatchObject({ fatal: true });
    await expect(link.run('SELECT 1')).rejects.toMatchObject({ fatal: true });
    pool.release(link);
    expect(pool.size).toBe(0);
  });

  it('gives up one that is not set up in time, because nobody answers', async () => {
    open({ connectMs: 100 });
    proxy.hush();
    await expect(pool.acquire()).rejects.toThrow('not connected within 100 ms');
    expect(pool.size).toBe(0);
  });

  it('closes those that nobody has needed for a while', async () => {
    open({ idleMs: 40 });
    const links = [await pool.acquire(), await pool.acquire()];
    links.forEach((link) => pool.release(link));
    await eventually('both are closed', async () => proxy.count() === 0);
    expect(pool.size).toBe(0);
  });

  it('when closed ends what is idle, and the rest when it is given back', async () => {
    open();
    const [busy, idle] = [await pool.acquire(), await pool.acquire()];
    pool.release(idle);
    pool.close();
    await expect(pool.acquire()).rejects.toThrow('the pool is closed');
    expect(await busy.run('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    pool.release(busy);
    await eventually('all are closed', async () => proxy.count() === 0);
  });
});
