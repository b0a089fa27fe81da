import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });

export class Transport1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'outbox',
        columns: [
          { name: 'seq', type: 'integer', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          { ...varchar('id', 36), isUnique: true },
          varchar('type', 64),
          varchar('key', 191),
          { name: 'envelope', type: 'text' },
          varchar('created_at', 24),
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
    for (const table of ['dead_letters', 'inbox', 'outbox']) await runner.dropTable(table);
  }
}
