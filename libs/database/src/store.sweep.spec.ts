import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Column, Entity, LessThan, type MigrationInterface, PrimaryColumn, type QueryRunner, Table } from 'typeorm';
import type { Database } from './store.database.js';
import { openDatabase } from './store.open.js';
import { deleteInBatches } from './store.sweep.js';

@Entity('leaves')
class Leaf {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('integer')
  age!: number;
}

class Leaves1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'age', type: 'integer' },
    ];
    await runner.createTable(new Table({ name: 'leaves', columns }));
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('leaves');
  }
}

describe('deleting in batches', () => {
  let dataDir: string;
  let database: Database;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-sweep-'));
    database = await openDatabase({ name: 'wood', entities: [Leaf], migrations: [Leaves1700000000001], dataDir });
    const leaves = Array.from({ length: 1203 }, (_, age) => ({ id: `leaf-${age}`, age }));
    await database.transaction(async () => {
      for (let from = 0; from < leaves.length; from += 400)
        await database.manager.insert(Leaf, leaves.slice(from, from + 400));
    });
  });
  afterAll(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('takes what fits, in as many transactions as it needs, and leaves the rest', async () => {
    const before = database.stats().transactions;
    expect(await deleteInBatches(database, Leaf, 'id', { age: LessThan(1200) })).toBe(1200);
    expect(database.stats().transactions - before).toBe(3);
    expect(await database.manager.countBy(Leaf, {})).toBe(3);
    expect(await deleteInBatches(database, Leaf, 'id', { age: LessThan(1200) })).toBe(0);
  });
});
