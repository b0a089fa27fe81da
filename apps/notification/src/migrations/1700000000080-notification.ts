import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const text = (name: string) => ({ name, type: 'text' });
const id = { ...varchar('id', 36), isPrimary: true };

export class Notification1700000000080 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(new Table(table), true);
    for (const { table, ...index } of INDICES) await runner.createIndex(table, new TableIndex(index));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of [...TABLES].reverse()) await runner.dropTable(name);
  }
}

const TABLES = [
  {
    name: 'notifications',
    columns: [
      id,
      varchar('dedupe_key', 200),
      varchar('user_id', 36),
      varchar('type', 64),
      varchar('title', 200),
      text('body'),
      { ...varchar('order_id', 36), isNullable: true },
      text('data'),
      { ...varchar('read_at', 24), isNullable: true },
      varchar('created_at', 24),
    ],
  },
  {
    name: 'outbound_messages',
    columns: [
      id,
      varchar('dedupe_key', 200),
      { ...varchar('user_id', 36), isNullable: true },
      varchar('channel', 16),
      varchar('recipient', 254),
      varchar('type', 64),
      varchar('title', 200),
      text('body'),
      varchar('created_at', 24),
    ],
  },
  {
    name: 'notification_preferences',
    columns: [
      { ...varchar('user_id', 36), isPrimary: true },
      { name: 'email', type: 'boolean' },
      { name: 'sms', type: 'boolean' },
      { name: 'push', type: 'boolean' },
    ],
  },
  {
    name: 'push_subscriptions',
    columns: [
      id,
      varchar('user_id', 36),
      text('endpoint'),
      varchar('p256dh', 200),
      varchar('auth', 100),
      varchar('created_at', 24),
    ],
  },
];

const INDICES = [
  { table: 'notifications', name: 'notifications_dedupe_key', columnNames: ['dedupe_key'], isUnique: true },
  { table: 'notifications', name: 'notifications_user_id', columnNames: ['user_id', 'id'] },
  { table: 'outbound_messages', name: 'outbound_messages_dedupe_key', columnNames: ['dedupe_key'], isUnique: true },
  { table: 'outbound_messages', name: 'outbound_messages_user_id', columnNames: ['user_id'] },
  { table: 'push_subscriptions', name: 'push_subscriptions_user_id', columnNames: ['user_id'] },
];
