import { Environment } from '@nakku/config';
import { DOMAIN_NAMES } from '@nakku/contracts';
import { storeOf } from '@nakku/runtime';
import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { apps } from '../../apps/nakku/src/index.js';
import { contracting, isContract } from './migrations.js';

const varchar = (name: string, more: object = {}) => new TableColumn({ name, type: 'varchar', length: '8', ...more });

const migration = (up: (runner: QueryRunner) => Promise<unknown>): MigrationInterface => ({
  up: async (runner) => void (await up(runner)),
  down: async () => {},
});

describe('migrations', () => {
  it('leave tables that the version before can work on, or say that they take something away', async () => {
    expect(Object.keys(apps)).toEqual(expect.arrayContaining([...DOMAIN_NAMES]));
    for (const domain of DOMAIN_NAMES) {
      const all = storeOf(domain, new Environment({})).migrations.map((type) => new type());
      expect(all.length).toBeGreaterThan(2);
      for (const one of all.filter((each) => !isContract(each)))
        expect({ migration: one.constructor.name, why: await contracting(one) }).toMatchObject({ why: [] });
    }
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>]>([
    ['drops a table', (runner) => runner.dropTable('orders')],
    ['drops a column', (runner) => runner.dropColumn('orders', 'note')],
    ['renames a column', (runner) => runner.renameColumn('orders', 'note', 'remark')],
    ['changes a type', (runner) => runner.changeColumn('orders', 'note', varchar('note'))],
    ['does so in SQL', (runner) => runner.query('ALTER TABLE orders DROP COLUMN note')],
    ['demands a column', (runner) => runner.addColumn('orders', varchar('colour'))],
  ])('are found out when one %s', async (_what, up) => {
    expect(await contracting(migration(up))).toHaveLength(1);
  });

  it('may add tables, indexes and columns that may be left out, and do what they like with a table of their own', async () => {
    const added = migration(async (runner) => {
      await runner.createTable(new Table({ name: 'gifts', columns: [varchar('id', { isPrimary: true })] }));
      await runner.addColumn('gifts', varchar('kind'));
      await runner.addColumn('orders', varchar('gift_id', { isNullable: true }));
      await runner.addColumn('orders', varchar('colour', { default: "'red'" }));
      await runner.query('UPDATE orders SET gift_id = NULL');
    });
    expect(await contracting(added)).toEqual([]);
  });

  it('may take away what is marked as such', () => {
    class Contract {
      static contracts = true;
      up = async (runner: QueryRunner) => runner.dropColumn('orders', 'note');
      down = async () => {};
    }
    expect(isContract(new Contract())).toBe(true);
    expect(isContract(migration(async () => {}))).toBe(false);
  });
});
