import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const id = (name: string) => varchar(name, 36);
const key = (name: string) => ({ ...id(name), isPrimary: true });
const integer = (name: string) => ({ name, type: 'integer' });
const double = (name: string) => ({ name, type: 'double' });
const nullable = <C extends object>(column: C) => ({ ...column, isNullable: true });
const index = (name: string, ...columnNames: string[]) => ({ name, columnNames });

const TABLES = [
  {
    name: 'stores',
    columns: [
      key('id'),
      varchar('code', 64),
      varchar('name', 100),
      double('lat'),
      double('lng'),
      varchar('opens_at', 5),
      varchar('closes_at', 5),
      { name: 'switched_on', type: 'boolean' },
    ],
    indices: [{ ...index('stores_code', 'code'), isUnique: true }],
  },
  {
    name: 'stock',
    columns: [
      key('store_id'),
      key('product_id'),
      integer('on_hand'),
      integer('reserved'),
      integer('threshold'),
      varchar('updated_at', 24),
    ],
    indices: [index('stock_product_id', 'product_id')],
  },
  {
    name: 'reservations',
    columns: [
      key('order_id'),
      id('store_id'),
      varchar('status', 16),
      { name: 'items', type: 'text' },
      integer('version'),
      varchar('updated_at', 24),
    ],
  },
  {
    name: 'movements',
    columns: [
      key('id'),
      id('store_id'),
      id('product_id'),
      varchar('type', 16),
      integer('on_hand_delta'),
      integer('reserved_delta'),
      nullable(id('order_id')),
      nullable(varchar('reason', 200)),
      varchar('actor_id', 36),
      varchar('at', 24),
    ],
    indices: [
      index('movements_store_id', 'store_id', 'id'),
      index('movements_store_product', 'store_id', 'product_id', 'id'),
    ],
  },
];

export class Inventory1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(new Table(table), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES.toReversed()) await runner.dropTable(name);
  }
}
