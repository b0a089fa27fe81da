import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EntitySchema, type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { type Database, inTransaction, openDatabase, type OpenOptions } from './index.js';

const Row = new EntitySchema<{ id: string }>({
  name: 'rows',
  columns: { id: { type: 'varchar', length: 36, primary: true } },
});

class Rows1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [{ name: 'id', type: 'varchar', length: '36', isPrimary: true }];
    await runner.createTable(new Table({ name: 'rows', columns }), true);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('rows');
  }
}

describe('the body of a transaction', () => {
  let dataDir: string;
  let database: Database;

  const open = async (options: Partial<OpenOptions> = {}): Promise<void> => {
    database = await openDatabase({
      name: 'test',
      dataDir,
      entities: [Row],
      migrations: [Rows1700000000010],
      ...options,
    });
  };
  const reopen = async (options: Partial<OpenOptions>): Promise<void> => {
    await database.close();
    await open(options);
  };
  const add = (id: string) => database.manager.createQueryBuilder().insert().into(Row).values({ id }).execute();
  const ids = async () => (await database.manager.find(Row, { order: { id: 'ASC' } })).map(({ id }) => id);
  const refuse = async (id: string) => {
    await add(id);
    throw new Error(`${id} changed its mind`);
  };

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    await open();
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('keeps nested transactions that were begun together apart', async () => {
    await database.transaction(async () => {
      const nested = [() => add('a'), () => refuse('b'), () => add('c')].map((work) => database.transaction(work));
      const results = await Promise.allSettled([...nested, add('d')]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    });
    expect(await ids()).toEqual(['a', 'c', 'd']);
  });

  it('fails, and undoes all, when it ends before a nested transaction has', async () => {
    let nested!: Promise<unknown>;
    const outer = database.transaction(async () => {
      await add('outer');
      nested = database.transaction(() => sleep(20).then(() => add('nested')));
      nested.catch(() => undefined);
    });
    await expect(outer).rejects.toThrow('a nested transaction still ran');
    await database.transaction(() => add('next'));
    await expect(nested).rejects.toThrow('the transaction is over');
    expect(await ids()).toEqual(['next']);
  });

  it('refuses what a nested transaction has left behind, while the one around it goes on', async () => {
    await database.transaction(async () => {
      let late!: Promise<unknown>;
      await database.transaction(async () => void (late = sleep(5).then(() => add('late'))));
      await expect(late).rejects.toThrow('the transaction is over');
      await add('outer');
    });
    expect(await ids()).toEqual(['outer']);
  });

  it('lets what it has left behind read, and begin a transaction of its own', async () => {
    let late!: Promise<unknown>;
    await database.transaction(async () => void (late = sleep(5).then(() => database.transaction(() => add('own')))));
    await late;
    expect(await ids()).toEqual(['own']);
  });

  it('runs the hooks of others though one throws, and reports it', async () => {
    const failures: unknown[] = [];
    const told: string[] = [];
    await reopen({ onHookError: (error) => failures.push(error) });
    await database.transaction(async () => {
      database.afterCommit(() => {
        throw new Error('not my day');
      });
      database.afterCommit(() => told.push('second'));
    });
    expect(told).toEqual(['second']);
    expect(failures).toEqual([new Error('not my day')]);
  });

  it('runs a hook when the effect can be seen, and that of a nested transaction only if all of it is kept', async () => {
    const told: string[] = [];
    const nested = (id: string) => async () => {
      await add(id);
      database.afterCommit(
        () => void ids().then((seen) => told.push(`${id} sees ${seen.join()}, in a transaction: ${inTransaction()}`)),
      );
    };
    await database.transaction(async () => {
      await database.transaction(nested('kept'));
      await database.transaction(() => nested('dropped')().then(() => refuse('x'))).catch(() => undefined);
    });
    await database
      .transaction(() => database.transaction(nested('lost')).then(() => refuse('y')))
      .catch(() => undefined);
    await sleep(5);
    expect(told).toEqual(['kept sees kept, in a transaction: false']);
  });

  it('is rolled back when it does not end, so that others can go on', async () => {
    await reopen({ maxBodyMs: 30 });
    let goOn!: () => void;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    let rest!: Promise<unknown>;
    const stuck = database.transaction(
      () =>
        (rest = add('stuck')
          .then(() => gate)
          .then(() => add('more'))),
    );
    const other = database.transaction(() => add('other'));
    await expect(stuck).rejects.toThrow('did not end within 30 ms');
    await other;
    goOn();
    await expect(rest).rejects.toThrow('the transaction is over');
    expect(await ids()).toEqual(['other']);
  });

  it('is told on when it is slow', async () => {
    const slow: { database: string; ms: number }[] = [];
    await reopen({ onSlow: (body) => slow.push(body) });
    await database.transaction(() => add('quick'));
    await database.transaction(() => sleep(1020));
    expect(slow).toEqual([{ database: 'test', ms: expect.any(Number) }]);
    expect(database.stats().longestBodyMs).toBe(slow[0]!.ms);
  });

  it('takes its group down when it ends the group’s transaction by hand, and others go on', async () => {
    const rude = database.transaction(() => add('rude').then(() => database.manager.query('ROLLBACK')));
    const peer = database.transaction(() => add('peer'));
    const failed = 'the group of transactions was rolled back';
    await Promise.all([expect(rude).rejects.toThrow(failed), expect(peer).resolves.toBeDefined()]);
    expect(await ids()).toEqual(['peer']);
  });

  it('does not begin a transaction by TypeORM’s own means', async () => {
    const byHand = () => database.manager.transaction((manager) => manager.insert(Row, { id: 'by hand' }));
    await expect(byHand()).rejects.toThrow('database.transaction()');
    await database.transaction(async () => {
      await add('kept');
      await expect(byHand()).rejects.toThrow('database.transaction()');
    });
    expect(await ids()).toEqual(['kept']);
  });
});
