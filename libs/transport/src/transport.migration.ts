import { amountColumn } from '@nakku/database';
import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });

export class Transport1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'outbox',
        columns: [
          { ...varchar('id', 36), isPrimary: true },
          amountColumn('seq'),
          varchar('type', 64),
          varchar('key', 191),
          { name: 'envelope', type: 'text' },
          varchar('owner', 36),
          varchar('created_at', 24),
        ],
        indices: [
          { name: 'outbox_key_seq', columnNames: ['key', 'seq'] },
          { name: 'outbox_owner_seq', columnNames: ['owner', 'seq'] },
        ],
      }),
      true,
    );
    await runner.createTable(
      new Table({
        name: 'outbox_relays',
        columns: [
          { ...varchar('owner', 36), isPrimary: true },
          { name: 'beat', type: 'integer' },
        ],
      }),
      true,
    );
    await runner.createTable(
      new Table({
        name: 'inbox',
        columns: [{ ...varchar('event_id', 36), isPrimary: true }, varchar('handled_at', 24)],
      }),
      true,
    );
    await runner.createIndex('inbox', new TableIndex({ name: 'inbox_handled_at', columnNames: ['handled_at'] }));
    await runner.createTable(
      new Table({
        name: 'dead_letters',
        columns: [
          { ...varchar('id', 36), isPrimary: true },
          varchar('event_id', 36),
          varchar('type', 64),
          varchar('key', 191),
          { name: 'envelope', type: 'text' },
          { name: 'error', type: 'text' },
          { name: 'tries', type: 'integer' },
          varchar('created_at', 24),
        ],
      }),
      true,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['dead_letters', 'inbox', 'outbox_relays', 'outbox']) await runner.dropTable(table);
  }
}
