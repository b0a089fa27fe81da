import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const id = { ...varchar('id', 36), isPrimary: true };
const tokenHash = { ...varchar('token_hash', 64), isPrimary: true };
const index =
  (...columnNames: string[]) =>
  (table: string) => ({ name: `${table}_${columnNames.join('_')}`, columnNames });
const unique =
  (...columnNames: string[]) =>
  (table: string) => ({ ...index(...columnNames)(table), isUnique: true });

type Column = NonNullable<ConstructorParameters<typeof Table>[0]>['columns'];
type Index = ReturnType<typeof index>;

const table = (name: string, columns: Column, ...indices: Index[]): Table =>
  new Table({ name, columns, indices: indices.map((make) => make(name)) });

const TABLES = [
  table(
    'users',
    [
      id,
      varchar('email', 191),
      varchar('password_hash', 191),
      varchar('first_name', 80),
      varchar('last_name', 80),
      { ...varchar('phone', 20), isNullable: true },
      { name: 'roles', type: 'text' },
      { name: 'stores', type: 'text' },
      { name: 'elevated', type: 'boolean' },
      { ...varchar('default_address_id', 36), isNullable: true },
      varchar('created_at', 24),
      varchar('updated_at', 24),
      { ...varchar('deleted_at', 24), isNullable: true },
    ],
    unique('email'),
    index('elevated', 'email'),
  ),
  table(
    'addresses',
    [
      id,
      varchar('user_id', 36),
      { name: 'version', type: 'integer' },
      varchar('label', 50),
      varchar('line1', 200),
      { ...varchar('line2', 200), isNullable: true },
      varchar('city', 100),
      varchar('state', 100),
      varchar('postal_code', 12),
      varchar('country', 2),
      { name: 'lat', type: 'double', isNullable: true },
      { name: 'lng', type: 'double', isNullable: true },
      { name: 'serviceable', type: 'boolean' },
    ],
    index('user_id', 'id'),
  ),
  table(
    'sessions',
    [id, varchar('user_id', 36), varchar('token_hash', 64), varchar('expires_at', 24)],
    unique('token_hash'),
    index('user_id'),
    index('expires_at'),
  ),
  table('spent_tokens', [tokenHash, varchar('session_id', 36), varchar('expires_at', 24)], index('expires_at')),
  table(
    'password_resets',
    [tokenHash, varchar('user_id', 36), varchar('expires_at', 24)],
    index('user_id'),
    index('expires_at'),
  ),
  table(
    'attempts',
    [
      { ...varchar('id', 64), isPrimary: true },
      varchar('kind', 8),
      { name: 'uses', type: 'integer' },
      varchar('expires_at', 24),
    ],
    index('expires_at'),
  ),
];

export class User1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const one of TABLES) await runner.createTable(one, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.dropTable(name);
  }
}
