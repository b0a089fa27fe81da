import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '@nakku/testing';
import {
  Column,
  Entity,
  Index,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  Table,
  TableIndex,
} from 'typeorm';
import { AMOUNT, amountColumn, type Database, openDatabase, schemaDrift, type ServerOptions } from './index.js';
import { dropDatabase, freshDatabase, SERVERS } from './server.fixture.js';

/** A table with one column of each kind that the domains use. */
@Entity('bills')
@Index('bills_customer', ['customerId', 'paid'])
class Bill {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Index('bills_number', { unique: true })
  @Column('varchar', { length: 64 })
  number!: string;
  @Column('varchar', { name: 'customer_id', length: 36, nullable: true })
  customerId!: string | null;
  @Column('boolean')
  paid!: boolean;
  @Column('integer')
  lines!: number;
  @Column({ ...AMOUNT, name: 'total_amount' })
  totalAmount!: number;
  @Column({ ...AMOUNT, name: 'tip_amount', nullable: true })
  tipAmount!: number | null;
  @Column('text')
  note!: string;
}

class Bills1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'varchar', length: '36', isPrimary: true },
      { name: 'number', type: 'varchar', length: '64' },
      { name: 'customer_id', type: 'varchar', length: '36', isNullable: true },
      { name: 'paid', type: 'boolean' },
      { name: 'lines', type: 'integer' },
      amountColumn('total_amount'),
      amountColumn('tip_amount', { isNullable: true }),
      { name: 'note', type: 'text' },
    ];
    await runner.createTable(new Table({ name: 'bills', columns }), true);
    const indices = [
      { name: 'bills_number', columnNames: ['number'], isUnique: true },
      { name: 'bills_customer', columnNames: ['customer_id', 'paid'] },
    ];
    for (const index of indices) await runner.createIndex('bills', new TableIndex(index));
  }
  async down(): Promise<void> {}
}

class Apart1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('bills', 'bills_customer');
    await runner.query('ALTER TABLE bills ADD COLUMN forgotten integer');
  }
  async down(): Promise<void> {}
}

const suite = (store: string, serverOf: () => ServerOptions | undefined) =>
  describe(`entities and the migrated tables of ${store}`, () => {
    let dataDir: string;
    let server: ServerOptions | undefined;
    let database: Database;

    const open = async (...migrations: (typeof Bills1700000000010 | typeof Apart1700000000020)[]) => {
      database = await openDatabase({ name: 'test', dataDir, server, entities: [Bill], migrations });
    };
    beforeEach(() => {
      dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
      server = serverOf();
    });
    afterEach(async () => {
      await database.close();
      if (server) await dropDatabase(server);
      rmSync(dataDir, { recursive: true, force: true });
    });

    it('agree', async () => {
      await open(Bills1700000000010);
      expect(await schemaDrift(database)).toEqual([]);
    });

    it('are told apart by what would bring them together, which is not done', async () => {
      await open(Bills1700000000010, Apart1700000000020);
      const drift = (await schemaDrift(database)).join('\n');
      expect(drift).toMatch(/CREATE INDEX .bills_customer./);
      expect(drift).toMatch(/forgotten|temporary_bills/); // SQLite makes the table anew
      expect(await schemaDrift(database)).not.toEqual([]);
    });

    it('keep an amount beyond 2^31 as a number, and sum it up as one', async () => {
      await open(Bills1700000000010);
      const bill = { number: '1', customerId: null, paid: true, lines: 1, note: '' };
      await database.transaction(async () => {
        await database.manager.insert(Bill, { ...bill, id: 'a', totalAmount: 9_007_199_254_740_991, tipAmount: null });
        await database.manager.insert(Bill, {
          ...bill,
          id: 'b',
          number: '2',
          totalAmount: 3_000_000_000,
          tipAmount: 7,
        });
      });
      const [a, b] = await database.manager.find(Bill, { order: { id: 'ASC' } });
      expect([a!.totalAmount, a!.tipAmount, a!.paid]).toEqual([9_007_199_254_740_991, null, true]);
      expect([b!.totalAmount, b!.tipAmount]).toEqual([3_000_000_000, 7]);
      const query = database.manager.createQueryBuilder(Bill, 'bill').where('bill.id = :id', { id: 'b' });
      const sums = query.select('SUM(bill.totalAmount) + SUM(bill.lines)', 'sum').addSelect('COUNT(*)', 'count');
      expect(await sums.getRawOne()).toEqual({ sum: 3_000_000_001, count: 1 });
    });

    it('refuse an amount that a number cannot hold', async () => {
      await open(Bills1700000000010);
      const bill = { id: 'a', number: '1', customerId: null, paid: true, lines: 1, note: '', tipAmount: null };
      const insert = (totalAmount: number) =>
        database.transaction(() => database.manager.insert(Bill, { ...bill, totalAmount }));
      await expect(insert(2 ** 53)).rejects.toThrow(RangeError);
      await expect(insert(0.5)).rejects.toThrow(RangeError);
      expect(await database.manager.count(Bill)).toBe(0);
    });
  });

suite('the embedded store', () => undefined);
for (const name of SERVERS)
  describeWith([name], 'on a server', (servers) => suite(name, () => freshDatabase(servers[name])));
