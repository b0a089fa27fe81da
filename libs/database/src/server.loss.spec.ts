import { type Proxy, proxyTo } from './proxy.fixture.js';
import { Counter, counters, dropDatabase, freshDatabase, openCounters, SERVERS } from './server.fixture.js';
import { describeWith } from '@nakku/testing';
import { type Database, type ServerOptions } from './index.js';

const UNAVAILABLE = { code: 'DATABASE_UNAVAILABLE' };

for (const name of SERVERS)
  describeWith([name], `a connection to ${name} that is lost`, (servers) => {
    let server: ServerOptions;
    let proxy: Proxy;
    let database: Database;
    let rows: ReturnType<typeof counters>;

    beforeAll(async () => {
      server = freshDatabase(servers[name]);
      proxy = await proxyTo(server);
      database = await openCounters({ ...server, ...proxy.address, poolSize: 4, waitMs: 300 });
      rows = counters(database);
    });
    afterAll(async () => {
      await database.close();
      proxy.close();
      await dropDatabase(server);
    });
    beforeEach(async () => {
      proxy.up();
      await database.manager.deleteAll(Counter);
    });

    it('while idle is replaced, and nobody notices', async () => {
      await Promise.all([rows.add('a'), rows.add('b'), rows.add('c')]);
      proxy.cutAll();
      expect(await rows.ids()).toEqual(['a', 'b', 'c']);
    });

    it('before the commit was sent has the work run again, once in the end', async () => {
      let runs = 0;
      const told: number[] = [];
      await database.transaction(async () => {
        runs++;
        await rows.add('first');
        database.afterCommit(() => told.push(runs));
        if (runs === 1) proxy.cutAll();
        await rows.add('second');
      });
      expect(runs).toBe(2);
      expect(told).toEqual([2]);
      expect(await rows.ids()).toEqual(['first', 'second']);
    });

    it('is not hidden by work that goes on after it', async () => {
      let runs = 0;
      await database.transaction(async () => {
        runs++;
        await rows.add('kept');
        if (runs === 1) proxy.cutAll();
        await rows.add('perhaps').catch(() => undefined);
      });
      expect(runs).toBe(2);
      expect(await rows.ids()).toEqual(['kept', 'perhaps']);
    });

    it.each(['drop', 'pass and cut'] as const)('during a commit (%s) is told, and not run again', async (what) => {
      let runs = 0;
      const told: string[] = [];
      proxy.intercept((text) => (text.includes('COMMIT') ? what : 'pass'));
      const lost = database.transaction(async () => {
        runs++;
        database.afterCommit(() => told.push('never'));
        await rows.add('unknown');
      });
      await expect(lost).rejects.toMatchObject(UNAVAILABLE);
      expect({ runs, told }).toEqual({ runs: 1, told: [] });
      expect(await rows.ids()).toEqual(what === 'drop' ? [] : ['unknown']);
    });

    it('during a write without a transaction is told, and not run again', async () => {
      proxy.intercept((text) => (text.includes('INSERT') ? 'pass and cut' : 'pass'));
      await expect(rows.add('once')).rejects.toMatchObject(UNAVAILABLE);
      expect(await rows.ids()).toEqual(['once']);
    });

    it('during a read has it read again', async () => {
      await rows.add('there');
      proxy.intercept((text) => (text.includes('SELECT') ? 'drop' : 'pass'));
      expect(await rows.ids()).toEqual(['there']);
    });

    it('in a nested transaction has all of it run again, though the caller catches', async () => {
      let runs = 0;
      await database.transaction(async () => {
        runs++;
        await rows.add('outer');
        const nested = database.transaction(async () => {
          if (runs === 1) proxy.cutAll();
          await rows.add('nested');
        });
        await nested.catch(() => undefined);
      });
      expect(runs).toBe(2);
      expect(await rows.ids()).toEqual(['nested', 'outer']);
    });

    it('without a word ends a transaction when its time is over, and those after it go on', async () => {
      const brief = await openCounters({ ...server, ...proxy.address }, { maxBodyMs: 150 });
      const stuck = brief.transaction(async () => {
        await counters(brief).add('stuck');
        proxy.hush();
        await counters(brief).add('never');
      });
      await expect(stuck).rejects.toMatchObject(UNAVAILABLE);
      proxy.up();
      await brief.transaction(() => counters(brief).add('after'));
      await brief.close();
      expect(await rows.ids()).toEqual(['after']);
    });

    it('and cannot be made again is told at once to readers, writers and transactions, until the server is back', async () => {
      proxy.down();
      const startedAt = performance.now();
      await expect(rows.ids()).rejects.toMatchObject(UNAVAILABLE);
      await expect(rows.add('x')).rejects.toMatchObject(UNAVAILABLE);
      await expect(database.transaction(() => rows.add('x'))).rejects.toMatchObject(UNAVAILABLE);
      await expect(database.transaction(() => database.transaction(() => rows.add('x')))).rejects.toMatchObject(
        UNAVAILABLE,
      );
      expect(performance.now() - startedAt).toBeLessThan(2000);
      proxy.up();
      await database.transaction(() => rows.add('back'));
      expect(await rows.ids()).toEqual(['back']);
    });

    it('tells nobody outside where the server is or what was asked', async () => {
      proxy.down();
      const error = (await rows.ids().catch((e: unknown) => e)) as Error;
      expect(error.message).toBe('the test database cannot be reached');
    });

    it('is not waited for longer than agreed by those for whom no connection is free', async () => {
      let release!: () => void;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const holders: Promise<void>[] = [];
      const hold = (id: string) =>
        new Promise<void>((held) => {
          holders.push(
            database.transaction(() =>
              rows
                .add(id)
                .then(() => held())
                .then(() => gate),
            ),
          );
        });
      await Promise.all(['a', 'b', 'c', 'd'].map(hold));
      await expect(database.transaction(() => rows.add('late'))).rejects.toMatchObject(UNAVAILABLE);
      release();
      await Promise.all(holders);
      expect(await rows.ids()).toEqual(['a', 'b', 'c', 'd']);
    });
  });
