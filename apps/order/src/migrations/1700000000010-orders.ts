import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const maybe = (name: string, length: number) => ({ ...varchar(name, length), isNullable: true });
const integer = (name: string) => ({ name, type: 'integer' });

const orders = new Table({
  name: 'orders',
  columns: [
    { ...varchar('id', 36), isPrimary: true },
    varchar('number', 24),
    integer('version'),
    varchar('status', 20),
    maybe('cancel_reason', 32),
    varchar('customer_id', 36),
    varchar('store_id', 36),
    varchar('cart_id', 36),
    integer('cart_generation'),
    { name: 'address', type: 'text' },
    ...['subtotal', 'discount'].map((name) => amountColumn(name)),
    maybe('coupon_code', 64),
    ...['delivery_fee', 'tax', 'tip', 'total'].map((name) => amountColumn(name)),
    varchar('currency', 3),
    maybe('note', 500),
    varchar('substitutions', 8),
    varchar('payment_method', 8),
    maybe('payment_token', 128),
    maybe('payment_id', 36),
    maybe('rider_id', 36),
    integer('eta_minutes'),
    varchar('promised_at', 24),
    maybe('reserved_at', 24),
    varchar('placed_at', 24),
    varchar('updated_at', 24),
  ],
  indices: [
    new TableIndex({ name: 'orders_number', columnNames: ['number'], isUnique: true }),
    new TableIndex({ name: 'orders_cart', columnNames: ['cart_id', 'cart_generation'], isUnique: true }),
    new TableIndex({ name: 'orders_customer', columnNames: ['customer_id', 'placed_at', 'id'] }),
    new TableIndex({ name: 'orders_store', columnNames: ['store_id', 'status', 'placed_at', 'id'] }),
    new TableIndex({ name: 'orders_status', columnNames: ['status', 'placed_at', 'id'] }),
  ],
});

const items = new Table({
  name: 'order_items',
  columns: [
    { ...varchar('order_id', 36), isPrimary: true },
    { ...varchar('product_id', 36), isPrimary: true },
    varchar('customer_id', 36),
    integer('position'),
    varchar('name', 255),
    integer('quantity'),
    ...['unit_price', 'line_total'].map((name) => amountColumn(name)),
    varchar('status', 12),
  ],
});

const updates = new Table({
  name: 'order_updates',
  columns: [
    { ...varchar('order_id', 36), isPrimary: true },
    { ...integer('seq'), isPrimary: true },
    varchar('customer_id', 36),
    varchar('kind', 8),
    varchar('event', 64),
    varchar('actor', 16),
    varchar('status', 20),
    { name: 'detail', type: 'text', isNullable: true },
    varchar('at', 24),
  ],
});

export class Orders1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [orders, items, updates]) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [updates, items, orders]) await runner.dropTable(table);
  }
}
