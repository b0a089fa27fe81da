import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const double = (name: string) => ({ name, type: 'double' });
const integer = (name: string) => ({ name, type: 'integer' });
const key = <C extends object>(column: C) => ({ ...column, isPrimary: true });

const TABLES = [
  {
    name: 'zones',
    columns: [key(varchar('id', 36)), varchar('store_id', 36), varchar('name', 100), { name: 'polygon', type: 'text' }],
  },
  {
    name: 'zone_cells',
    columns: [key(varchar('cell', 16)), key(varchar('zone_id', 36))],
    indices: [{ name: 'zone_cells_zone_id', columnNames: ['zone_id'] }],
  },
  {
    name: 'places',
    columns: [
      key(integer('position')),
      varchar('name', 100),
      varchar('postal_code', 12),
      varchar('city', 100),
      varchar('state', 100),
      varchar('country', 2),
      double('lat'),
      double('lng'),
    ],
  },
  { name: 'editions', columns: [key(varchar('content', 16)), integer('number')] },
];

export class Location1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(new Table(table), true);
    await runner.query("INSERT INTO editions (content, number) VALUES ('zones', 1), ('places', 1)");
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES.toReversed()) await runner.dropTable(name);
  }
}
