import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const id = (name: string) => varchar(name, 36);
const key = (name: string) => ({ ...id(name), isPrimary: true });
const integer = (name: string) => ({ name, type: 'integer' });
const nullable = <C extends object>(column: C) => ({ ...column, isNullable: true });
const index = (name: string, ...columnNames: string[]) => ({ name, columnNames });
const unique = (name: string, ...columnNames: string[]) => ({ name, columnNames, isUnique: true });

const TABLES = [
  {
    name: 'carts',
    columns: [
      key('id'),
      nullable(id('customer_id')),
      nullable(varchar('token_hash', 64)),
      nullable(varchar('coupon_code', 64)),
      integer('generation'),
      varchar('updated_at', 24),
    ],
    indices: [
      unique('carts_customer_id', 'customer_id'),
      unique('carts_token_hash', 'token_hash'),
      index('carts_updated_at', 'updated_at'),
    ],
  },
  {
    name: 'cart_items',
    columns: [
      key('cart_id'),
      key('product_id'),
      integer('quantity'),
      amountColumn('unit_price'),
      varchar('added_at', 24),
    ],
  },
  {
    name: 'cart_checkouts',
    columns: [key('order_id'), id('cart_id'), integer('generation'), varchar('created_at', 24)],
    indices: [index('cart_checkouts_created_at', 'created_at')],
  },
  {
    name: 'coupons',
    columns: [
      key('id'),
      varchar('code', 64),
      varchar('kind', 16),
      integer('value'),
      nullable(integer('min_total')),
      nullable(integer('per_customer')),
      nullable(integer('total_uses')),
      nullable(varchar('starts_at', 24)),
      nullable(varchar('ends_at', 24)),
      integer('uses'),
    ],
    indices: [unique('coupons_code', 'code')],
  },
  {
    name: 'coupon_redemptions',
    columns: [
      key('order_id'),
      id('coupon_id'),
      varchar('code', 64),
      id('customer_id'),
      varchar('state', 16),
      varchar('held_until', 24),
    ],
    indices: [index('coupon_redemptions_held', 'state', 'held_until')],
  },
  {
    name: 'coupon_customers',
    columns: [key('coupon_id'), key('customer_id'), integer('uses')],
  },
];

export class Cart1700000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(new Table(table), true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES.toReversed()) await runner.dropTable(name);
  }
}
