import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Column, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import { type Database, inTransaction, isUniqueViolation, openDatabase } from './index.js';

@Entity('counters')
class Counter {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('integer')
  value!: number;
}

class Counters1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'value', type: 'integer' },
    ];
    await runner.createTable(new Table({ name: 'counters', columns }), true);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('counters');
  }
}

const open = (dataDir: string, name = 'test'): Promise<Database> =>
  openDatabase({ name, dataDir, entities: [Counter], migrations: [Counters1700000000010] });

describe('the embedded store', () => {
  let dataDir: string;
  let database: Database;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    database = await open(dataDir);
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const insert = (id: string, value = 0) =>
    database.manager.createQueryBuilder().insert().into(Counter).values({ id, value }).updateEntity(false).execute();
  const increment = async (id: string) => {
    const { value } = await database.manager.findOneByOrFail(Counter, { id });
    await Promise.resolve();
    await database.manager
      .createQueryBuilder()
      .update(Counter)
      .set({ value: value + 1 })
      .where({ id })
      .execute();
  };
  const valueOf = async (id: string) => (await database.manager.findOneBy(Counter, { id }))?.value;

  it('loses nothing and mixes nothing up in 200 concurrent transactions, some failing, beside plain writes', async () => {
    await insert('shared');
    const work = Array.from({ length: 200 }, (_, i) =>
      database
        .transaction(async () => {
          await increment('shared');
          await insert(`own-${i}`, i);
          if (i % 5 === 0) throw new Error('changed its mind');
        })
        .then(
          () => true,
          () => false,
        ),
    );
    const plain = Array.from({ length: 50 }, (_, i) => insert(`plain-${i}`));
    const results = await Promise.all(work);
    await Promise.all(plain);
    expect(results.filter(Boolean)).toHaveLength(160);
    expect(await valueOf('shared')).toBe(160);
    expect(await database.manager.count(Counter)).toBe(1 + 160 + 50);
    expect(await valueOf('own-5')).toBeUndefined();
    expect(await valueOf('own-6')).toBe(6);
  });

  it('shows nobody outside what is not committed', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const running = database.transaction(async () => {
      await insert('hidden');
      await gate;
      expect(await valueOf('hidden')).toBe(0);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await valueOf('hidden')).toBeUndefined();
    release();
    await running;
    expect(await valueOf('hidden')).toBe(0);
  });

  it('rolls back a nested transaction alone when its caller catches', async () => {
    const told: string[] = [];
    await database.transaction(async () => {
      await insert('outer');
      database.afterCommit(() => told.push('outer'));
      await database
        .transaction(async () => {
          await insert('inner');
          database.afterCommit(() => told.push('inner'));
          throw new Error('no');
        })
        .catch(() => undefined);
    });
    expect(await valueOf('outer')).toBe(0);
    expect(await valueOf('inner')).toBeUndefined();
    expect(told).toEqual(['outer']);
  });

  it('tells afterCommit nothing of a transaction that failed, and runs it at once outside of one', async () => {
    const told: string[] = [];
    await expect(
      database.transaction(async () => {
        database.afterCommit(() => told.push('never'));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    database.afterCommit(() => told.push('now'));
    expect(told).toEqual(['now']);
  });

  it('refuses a write by another manager inside a transaction rather than wait for itself', async () => {
    const outside = database.manager;
    await expect(database.transaction(async () => outside.delete(Counter, { id: 'x' }))).rejects.toThrow(
      'would wait for this very transaction',
    );
  });

  it('refuses what was not awaited and writes when its transaction is over', async () => {
    let late!: Promise<unknown>;
    await database.transaction(async () => {
      const { manager } = database;
      late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
        manager.insert(Counter, { id: 'late', value: 1 }),
      );
      late.catch(() => undefined);
    });
    await expect(late).rejects.toThrow('the transaction is over');
    expect(await valueOf('late')).toBeUndefined();
  });

  it('refuses a transaction of another store inside one', async () => {
    const other = await open(dataDir, 'other');
    await expect(database.transaction(() => other.transaction(async () => undefined))).rejects.toThrow(
      'two stores cannot commit together',
    );
    await other.close();
  });

  it('runs each body, and what follows its commit, in the async context of whoever asked for it', async () => {
    const whose = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const ask = (name: string) =>
      whose.run(name, () =>
        database.transaction(async () => {
          await Promise.resolve();
          seen.push(`${name} body ${whose.getStore()}`);
          database.afterCommit(() => seen.push(`${name} commit ${whose.getStore()}`));
        }),
      );
    await Promise.all([ask('a'), ask('b'), ask('c')]);
    expect(seen.sort()).toEqual(['a body a', 'a commit a', 'b body b', 'b commit b', 'c body c', 'c commit c']);
  });

  it('knows whether code runs inside a transaction', async () => {
    expect(inTransaction()).toBe(false);
    await database.transaction(async () => expect(inTransaction()).toBe(true));
  });

  it('prepares one statement for all the numbers that go into it, and keeps them integers', async () => {
    const statements = new Set<string>();
    for (const value of [1, 2, 3]) {
      const insert = database.manager
        .createQueryBuilder()
        .insert()
        .into(Counter)
        .values({ id: `n${value}`, value });
      statements.add(insert.getQueryAndParameters()[0]);
      await insert.updateEntity(false).execute();
    }
    expect(statements.size).toBe(1);
    const rows: { kind: string }[] = await database.manager.query(
      'SELECT DISTINCT typeof(value) AS kind FROM counters',
    );
    expect(rows).toEqual([{ kind: 'integer' }]);
  });

  it('recognises a unique violation, after which the transaction goes on', async () => {
    await insert('twice');
    await database.transaction(async () => {
      const error: unknown = await insert('twice').catch((e: unknown) => e);
      expect(isUniqueViolation(error)).toBe(true);
      await insert('after');
    });
    expect(await valueOf('after')).toBe(0);
  });

  it('counts the rows that a conditional update changed', async () => {
    await insert('counted', 3);
    const take = () =>
      database.manager
        .createQueryBuilder()
        .update(Counter)
        .set({ value: () => 'value - 2' })
        .where('id = :id AND value >= 2', { id: 'counted' })
        .execute();
    expect((await take()).affected).toBe(1);
    expect((await take()).affected).toBe(0);
  });

  it('lets TypeORM’s own save() work inside a transaction only', async () => {
    await database.transaction(() => database.manager.save(Counter, { id: 'saved', value: 1 }));
    expect(await valueOf('saved')).toBe(1);
    await expect(database.manager.save(Counter, { id: 'unsaved', value: 1 })).rejects.toThrow('database.transaction()');
  });

  it('runs a lazy transaction though nobody else comes', async () => {
    await database.transaction(() => insert('lazy'), { lazy: true });
    expect(await valueOf('lazy')).toBe(0);
  });

  it('is refused to a second opener', async () => {
    await expect(open(dataDir)).rejects.toThrow('DATA_DIR must belong to one process');
  });

  it('finishes what is queued before it closes, and finds it again', async () => {
    const writes = Promise.all(Array.from({ length: 20 }, (_, i) => database.transaction(() => insert(`queued-${i}`))));
    await database.close();
    await writes;
    database = await open(dataDir);
    expect(await database.manager.count(Counter)).toBe(20);
  });
});
