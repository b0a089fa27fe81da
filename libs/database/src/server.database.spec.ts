import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith } from '@nakku/testing';
import { type Database, inTransaction, isUniqueViolation, openDatabase, type ServerOptions } from './index.js';
import { Counter, counters, dropDatabase, freshDatabase, openCounters, SERVERS } from './server.fixture.js';

for (const name of SERVERS)
  describeWith([name], `a database on ${name}`, (servers) => {
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
    });

    const refuse = async (id: string) => {
      await rows.add(id);
      throw new Error(`${id} changed its mind`);
    };

    it('loses none of 200 concurrent read-modify-writes of a locked row', async () => {
      await rows.add('shared');
      const increment = () =>
        database.transaction(async () => {
          const query = database.manager
            .createQueryBuilder(Counter, 'counter')
            .where('counter.id = :id', { id: 'shared' });
          const { value } = await database.forUpdate(query).getOneOrFail();
          await rows.set('shared', value + 1);
        });
      await Promise.all(Array.from({ length: 200 }, increment));
      expect(await rows.valueOf('shared')).toBe(200);
    });

    it('is shared, and locks rows inside a transaction only', () => {
      const query = database.manager.createQueryBuilder(Counter, 'counter');
      expect(database.shared).toBe(true);
      expect(() => database.forUpdate(query)).toThrow('inside database.transaction() only');
    });

    it('shows nobody outside what is not committed', async () => {
      let release!: () => void;
      let wrote!: () => void;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const written = new Promise<void>((resolve) => (wrote = resolve));
      const running = database.transaction(async () => {
        await rows.add('hidden');
        expect(await rows.valueOf('hidden')).toBe(0);
        wrote();
        await gate;
      });
      await written;
      expect(await rows.valueOf('hidden')).toBeUndefined();
      release();
      await running;
      expect(await rows.valueOf('hidden')).toBe(0);
    });

    it('rolls back what fails, and a nested transaction alone when its caller catches', async () => {
      const told: string[] = [];
      const tell = (id: string) => database.afterCommit(() => told.push(id));
      await database.transaction(async () => {
        await rows.add('outer');
        tell('outer');
        await database
          .transaction(() =>
            rows
              .add('inner')
              .then(() => tell('inner'))
              .then(() => refuse('x')),
          )
          .catch(() => undefined);
        await database.transaction(async () => {
          await rows.add('second');
          tell('second');
          await database.transaction(() => refuse('third')).catch(() => undefined);
          await database.transaction(() => rows.add('fourth'));
        });
      });
      await expect(database.transaction(() => refuse('alone'))).rejects.toThrow('alone changed its mind');
      expect(await rows.ids()).toEqual(['fourth', 'outer', 'second']);
      expect(told).toEqual(['outer', 'second']);
    });

    it('keeps nested transactions that were begun together apart', async () => {
      await database.transaction(async () => {
        const nested = [() => rows.add('a'), () => refuse('b'), () => rows.add('c')].map((work) =>
          database.transaction(work),
        );
        const results = await Promise.allSettled([...nested, rows.add('d')]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      });
      expect(await rows.ids()).toEqual(['a', 'c', 'd']);
    });

    it('recognises a unique violation, after which the transaction goes on', async () => {
      await rows.add('twice');
      await database.transaction(async () => {
        const error: unknown = await rows.add('twice').catch((e: unknown) => e);
        expect(isUniqueViolation(error)).toBe(true);
        await rows.add('after');
      });
      expect(await rows.ids()).toEqual(['after', 'twice']);
    });

    it('counts the rows that a conditional update found, also when it changed nothing in them', async () => {
      await rows.add('counted', 3);
      const same = await rows.set('counted', 3);
      const none = await rows.set('nobody', 3);
      expect([same.affected, none.affected]).toEqual([1, 0]);
    });

    it('keeps what was not awaited if it came before the end, and is not fooled when it failed', async () => {
      const late: Promise<unknown>[] = [];
      await database.transaction(async () => void late.push(rows.add('not awaited')));
      await database.transaction(async () => void late.push(rows.add('not awaited').catch((e: unknown) => e)));
      expect(isUniqueViolation((await Promise.all(late))[1])).toBe(true);
      expect(await rows.ids()).toEqual(['not awaited']);
    });

    it('refuses what writes when its transaction is over', async () => {
      let late!: Promise<unknown>;
      await database.transaction(async () => {
        const { manager } = database;
        late = sleep(20).then(() => manager.insert(Counter, { id: 'late', value: 1 }));
        late.catch(() => undefined);
      });
      await expect(late).rejects.toThrow('the transaction is over');
      expect(await rows.ids()).toEqual([]);
    });

    it('refuses a write by another manager inside a transaction', async () => {
      const outside = database.manager;
      const work = database.transaction(async () => outside.delete(Counter, { id: 'x' }));
      await expect(work).rejects.toThrow('would wait for this very transaction');
    });

    it('refuses a transaction of another store inside one', async () => {
      const other = await openDatabase({ name: 'other', dataDir: '', entities: [], migrations: [], server });
      await expect(database.transaction(() => other.transaction(async () => undefined))).rejects.toThrow(
        'two stores cannot commit together',
      );
      await other.close();
    });

    it('lets TypeORM’s own save() work inside a transaction only', async () => {
      await database.transaction(() => database.manager.save(Counter, { id: 'saved', value: 1 }));
      expect(await rows.valueOf('saved')).toBe(1);
      await expect(database.manager.save(Counter, { id: 'unsaved', value: 1 })).rejects.toThrow(
        'database.transaction()',
      );
    });

    it('runs each body, and what follows its commit, in the async context of whoever asked for it', async () => {
      const whose = new AsyncLocalStorage<string>();
      const seen: string[] = [];
      const ask = (id: string) =>
        whose.run(id, () =>
          database.transaction(async () => {
            await rows.add(id);
            seen.push(`${id} body ${whose.getStore()}`);
            database.afterCommit(() => seen.push(`${id} commit ${whose.getStore()}, ${inTransaction()}`));
          }),
        );
      const asked = Array.from({ length: 20 }, (_, i) => `${i}`); // more than there are connections
      await Promise.all(asked.map(ask));
      const expected = asked.flatMap((id) => [`${id} body ${id}`, `${id} commit ${id}, false`]);
      expect(seen.sort()).toEqual(expected.sort());
    });

    it('rolls back a body that does not end, and tells on one that is slow', async () => {
      const slow: object[] = [];
      const strict = await openCounters(server, { maxBodyMs: 1100, onSlow: (body) => slow.push(body) });
      const stuck = strict.transaction(() =>
        counters(strict)
          .add('stuck')
          .then(() => sleep(1500)),
      );
      await expect(stuck).rejects.toThrow('its work did not end within 1100 ms');
      expect(slow).toEqual([{ database: 'test', ms: expect.any(Number) }]);
      expect(strict.stats()).toMatchObject({ transactions: 1, commits: 0, rollbacks: 1 });
      await strict.close();
      expect(await rows.ids()).toEqual([]);
    });

    it('sets every connection to UTC, strictness and READ COMMITTED', async () => {
      const variable = name === 'mysql' ? 'transaction_isolation' : 'tx_isolation';
      const [row] = await database.manager.query<object[]>(
        `SELECT @@time_zone AS zone, @@${variable} AS isolation, @@sql_mode AS mode`,
      );
      expect(row).toMatchObject({
        zone: '+00:00',
        isolation: 'READ-COMMITTED',
        mode: expect.stringContaining('STRICT_TRANS_TABLES'),
      });
      await expect(rows.add('x'.repeat(37))).rejects.toMatchObject({ driverError: { code: 'ER_DATA_TOO_LONG' } });
      await expect(rows.add('big', 2 ** 31)).rejects.toMatchObject({
        driverError: { code: 'ER_WARN_DATA_OUT_OF_RANGE' },
      });
    });

    it('finishes what is under way before it closes, and takes nothing new', async () => {
      const brief = await openCounters(server);
      const writes = Array.from({ length: 20 }, (_, i) => brief.transaction(() => counters(brief).add(`${i}`)));
      const closing = brief.close();
      await expect(brief.transaction(async () => undefined)).rejects.toThrow('the test database is closed');
      await Promise.all([closing, ...writes]);
      expect(await rows.ids()).toHaveLength(20);
    });
  });
