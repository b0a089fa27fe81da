import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const maybe = (name: string, length: number) => ({ ...varchar(name, length), isNullable: true });
const key = (name: string, length: number) => ({ ...varchar(name, length), isPrimary: true });
const integer = (name: string) => ({ name, type: 'integer' });

const payments = new Table({
  name: 'payments',
  columns: [
    key('id', 36),
    varchar('order_id', 36),
    varchar('customer_id', 36),
    varchar('method', 8),
    varchar('status', 20),
    ...['amount', 'hold_amount', 'captured_amount', 'refunded_amount'].map((name) => amountColumn(name)),
    varchar('currency', 3),
    { name: 'cancel_requested', type: 'boolean' },
    maybe('token', 191),
    maybe('next_action', 12),
    maybe('next_try_at', 24),
    ...['tries', 'version'].map(integer),
    varchar('created_at', 24),
    varchar('updated_at', 24),
  ],
  indices: [
    new TableIndex({ name: 'payments_order', columnNames: ['order_id'], isUnique: true }),
    new TableIndex({ name: 'payments_customer', columnNames: ['customer_id', 'id'] }),
    new TableIndex({ name: 'payments_due', columnNames: ['next_try_at'] }),
  ],
});

const cancelledOrders = new Table({
  name: 'cancelled_orders',
  columns: [key('order_id', 36), varchar('cancelled_at', 24)],
});

const refunds = new Table({
  name: 'refunds',
  columns: [
    key('id', 36),
    varchar('payment_id', 36),
    amountColumn('amount'),
    varchar('status', 8),
    maybe('reason', 200),
    maybe('next_try_at', 24),
    integer('tries'),
    varchar('created_at', 24),
    maybe('done_at', 24),
  ],
  indices: [
    new TableIndex({ name: 'refunds_payment', columnNames: ['payment_id'] }),
    new TableIndex({ name: 'refunds_due', columnNames: ['next_try_at'] }),
  ],
});

const ledger = new Table({
  name: 'ledger_entries',
  columns: [
    key('id', 36),
    varchar('transaction_id', 36),
    varchar('order_id', 36),
    varchar('payment_id', 36),
    varchar('account', 32),
    varchar('direction', 8),
    amountColumn('amount'),
    varchar('currency', 3),
    varchar('at', 24),
  ],
  indices: [
    new TableIndex({ name: 'ledger_entries_order', columnNames: ['order_id', 'id'] }),
    new TableIndex({ name: 'ledger_entries_payment', columnNames: ['payment_id', 'id'] }),
  ],
});

const methods = new Table({
  name: 'payment_methods',
  columns: [
    key('id', 36),
    varchar('customer_id', 36),
    integer('slot'),
    varchar('token', 128),
    maybe('label', 80),
    varchar('created_at', 24),
  ],
  indices: [
    new TableIndex({ name: 'payment_methods_token', columnNames: ['customer_id', 'token'], isUnique: true }),
    new TableIndex({ name: 'payment_methods_slot', columnNames: ['customer_id', 'slot'], isUnique: true }),
    new TableIndex({ name: 'payment_methods_customer', columnNames: ['customer_id', 'id'] }),
  ],
});

const webhooks = new Table({
  name: 'webhook_events',
  columns: [key('provider', 16), key('event_id', 128), varchar('received_at', 24)],
});

const TABLES = [payments, cancelledOrders, refunds, ledger, methods, webhooks];

export class Payments1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.dropTable(table);
  }
}
