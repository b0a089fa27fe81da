import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const maybe = (name: string, length: number) => ({ ...varchar(name, length), isNullable: true });
const integer = (name: string) => ({ name, type: 'integer' });

const charges = new Table({
  name: 'sandbox_charges',
  columns: [
    { ...varchar('payment_id', 36), isPrimary: true },
    varchar('status', 12),
    maybe('reason', 32),
    ...['amount', 'captured_amount', 'refunded_amount'].map((name) => amountColumn(name)),
    integer('attempts'),
    maybe('webhook_at', 24),
  ],
  indices: [new TableIndex({ name: 'sandbox_charges_webhook', columnNames: ['webhook_at'] })],
});

const refunds = new Table({
  name: 'sandbox_refunds',
  columns: [{ ...varchar('refund_id', 36), isPrimary: true }, varchar('payment_id', 36), amountColumn('amount')],
});

export class Sandbox1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [charges, refunds]) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [refunds, charges]) await runner.dropTable(table);
  }
}
