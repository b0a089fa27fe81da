import { describeWith } from '@nakku/testing';
import { type Database, type ServerOptions, DatabaseUnavailable } from './index.js';
import { Counter, counters, dropDatabase, freshDatabase, openCounters, SERVERS } from './server.fixture.js';

for (const name of SERVERS)
  describeWith([name], `transactions that get in each other’s way on ${name}`, (servers) => {
    let server: ServerOptions;
    let database: Database;
    let rows: ReturnType<typeof counters>;

    beforeAll(async () => {
      server = freshDatabase(servers[name]);
      database = await openCounters(server);
      rows = counters(database);
    });
    afterAll(async () => {
      await database.close();
      await dropDatabase(server);
    });
    beforeEach(async () => {
      await database.manager.deleteAll(Counter);
      for (const id of ['a', 'b']) await rows.add(id);
    });

    const increment = (id: string) => rows.set(id, () => 'value + 1');

    /** Two transactions take the same two rows in opposite order, each waiting on its first run until the other has its first row. */
    const collide = (second: (id: string) => Promise<unknown> = increment) => {
      const runs = { a: 0, b: 0 };
      const told: string[] = [];
      const gates = { a: gate(), b: gate() };
      const take = (first: 'a' | 'b', other: 'a' | 'b') =>
        database.transaction(async () => {
          runs[first]++;
          database.afterCommit(() => told.push(first));
          await increment(first);
          gates[first].open();
          await gates[other].opened;
          await second(other);
        });
      return { runs, told, done: Promise.all([take('a', 'b'), take('b', 'a')]) };
    };

    it('both come to pass after a deadlock: the one that was undone runs again', async () => {
      const { runs, told, done } = collide();
      await done;
      expect(runs.a + runs.b).toBe(3);
      expect(told.sort()).toEqual(['a', 'b']);
      expect([await rows.valueOf('a'), await rows.valueOf('b')]).toEqual([2, 2]);
    });

    it('both come to pass though the work swallows the error of the deadlock', async () => {
      const { runs, done } = collide((id) => increment(id).catch(() => undefined));
      await done;
      expect(runs.a + runs.b).toBe(3);
      expect([await rows.valueOf('a'), await rows.valueOf('b')]).toEqual([2, 2]);
    });

    it('both come to pass though the deadlock is in a nested transaction, whose error is swallowed', async () => {
      const { done } = collide((id) => database.transaction(() => increment(id)).catch(() => undefined));
      await done;
      expect([await rows.valueOf('a'), await rows.valueOf('b')]).toEqual([2, 2]);
    });

    it('both come to pass though the statement that met the deadlock was not awaited', async () => {
      const { done } = collide(async (id) => void increment(id).catch(() => undefined));
      await done;
      expect([await rows.valueOf('a'), await rows.valueOf('b')]).toEqual([2, 2]);
    });

    it('let one that waited too long for a row run again', async () => {
      let runs = 0;
      const free = gate();
      const held = gate();
      const holder = database.transaction(async () => {
        await increment('a');
        held.open();
        await free.opened;
      });
      await held.opened;
      const waiting = database.transaction(async () => {
        if (++runs === 2) free.open();
        await database.manager.query('SET SESSION innodb_lock_wait_timeout = 1');
        await increment('a');
      });
      await Promise.all([holder, waiting]);
      expect(runs).toBe(2);
      expect(await rows.valueOf('a')).toBe(2);
    });

    it('give up after five runs, leaving nothing behind', async () => {
      let runs = 0;
      const deadlock = Object.assign(new Error('Deadlock found'), { errno: 1213, code: 'ER_LOCK_DEADLOCK' });
      const provoke = `SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = '${deadlock.message}'`;
      const work = database.transaction(async () => {
        runs++;
        await increment('a');
        await database.manager.query(provoke);
      });
      await expect(work).rejects.toThrow(DatabaseUnavailable);
      expect(runs).toBe(5);
      expect(await rows.valueOf('a')).toBe(0);
    });

    it('do not run again what fails for its own reasons', async () => {
      let runs = 0;
      const work = database.transaction(async () => {
        runs++;
        await rows.add('a');
      });
      await expect(work).rejects.toMatchObject({ driverError: { code: 'ER_DUP_ENTRY' } });
      expect(runs).toBe(1);
    });

    it('see what others have committed meanwhile', async () => {
      const read = gate();
      const written = gate();
      const seen: unknown[] = [];
      const reader = database.transaction(async () => {
        seen.push(await rows.valueOf('a'));
        read.open();
        await written.opened;
        seen.push(await rows.valueOf('a'));
      });
      await read.opened;
      await rows.set('a', 7);
      written.open();
      await reader;
      expect(seen).toEqual([0, 7]);
    });
  });

function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
