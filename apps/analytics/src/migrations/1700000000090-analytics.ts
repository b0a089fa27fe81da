import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const key = (name: string, length: number) => ({ ...varchar(name, length), isPrimary: true });
const optional = (name: string, length: number) => ({ ...varchar(name, length), isNullable: true });
const integer = (name: string) => ({ name, type: 'integer' });

export class Analytics1700000000090 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(new Table(table), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of [...TABLES].reverse()) await runner.dropTable(name);
  }
}

const TABLES = [
  {
    name: 'order_facts',
    columns: [
      key('order_id', 36),
      varchar('store_id', 36),
      varchar('customer_id', 36),
      varchar('status', 20),
      integer('stage'),
      amountColumn('total'),
      varchar('currency', 3),
      optional('reason', 64),
      varchar('placed_at', 24),
      optional('confirmed_at', 24),
      optional('ended_at', 24),
    ],
    indices: [{ name: 'order_facts_placed_at', columnNames: ['placed_at'] }],
  },
  {
    name: 'product_sales',
    columns: [key('day', 10), key('product_id', 36), varchar('name', 200), integer('quantity'), amountColumn('amount')],
  },
  {
    name: 'delivery_facts',
    columns: [
      key('job_id', 36),
      varchar('rider_id', 36),
      varchar('store_id', 36),
      integer('minutes'),
      varchar('at', 24),
    ],
    indices: [{ name: 'delivery_facts_at', columnNames: ['at'] }],
  },
  {
    name: 'event_counts',
    columns: [
      key('day', 10),
      key('type', 64),
      key('store_id', 36),
      { ...integer('slot'), isPrimary: true },
      integer('count'),
    ],
  },
];
