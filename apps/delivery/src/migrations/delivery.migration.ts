import { type MigrationInterface, type QueryRunner, Table, TableIndex } from 'typeorm';

const varchar = (name: string, length: number) => ({ name, type: 'varchar', length: String(length) });
const maybe = <T extends object>(column: T) => ({ ...column, isNullable: true });
const id = (name: string) => varchar(name, 36);
const instant = (name: string) => varchar(name, 24);
const index = (name: string, ...columnNames: string[]) => new TableIndex({ name, columnNames });

const deliveries = () =>
  new Table({
    name: 'deliveries',
    columns: [
      { ...id('order_id'), isPrimary: true },
      id('customer_id'),
      id('store_id'),
      varchar('stage', 16),
      maybe({ name: 'address', type: 'text' }),
      { name: 'packed', type: 'boolean' },
      varchar('otp', 6),
      { name: 'otp_tries', type: 'integer' },
      maybe(instant('otp_locked_until')),
      maybe(id('job_id')),
      maybe(id('rider_id')),
      instant('confirmed_at'),
      instant('ready_at'),
      instant('next_offer_at'),
      instant('give_up_at'),
      instant('eta_at'),
    ],
    indices: [
      index('deliveries_queue', 'stage', 'store_id', 'next_offer_at'),
      index('deliveries_give_up', 'stage', 'give_up_at'),
    ],
  });

const riders = () =>
  new Table({
    name: 'riders',
    columns: [
      { ...id('id'), isPrimary: true },
      id('user_id'),
      id('store_id'),
      varchar('name', 200),
      varchar('vehicle', 16),
      varchar('status', 16),
      maybe(id('job_id')),
      instant('idle_since'),
      maybe({ name: 'lat', type: 'double' }),
      maybe({ name: 'lng', type: 'double' }),
      maybe(instant('seen_at')),
      maybe(instant('told_at')),
    ],
    indices: [
      new TableIndex({ name: 'riders_user', columnNames: ['user_id'], isUnique: true }),
      index('riders_free', 'status', 'job_id', 'store_id'),
    ],
  });

const jobs = () =>
  new Table({
    name: 'jobs',
    columns: [
      { ...id('id'), isPrimary: true },
      id('order_id'),
      id('rider_id'),
      id('store_id'),
      varchar('status', 16),
      { name: 'open', type: 'boolean' },
      { name: 'pickup', type: 'text' },
      instant('offer_expires_at'),
      maybe(instant('ended_at')),
      maybe(varchar('reason', 191)),
    ],
    indices: [
      index('jobs_rider', 'rider_id', 'open', 'id'),
      index('jobs_order', 'order_id'),
      index('jobs_offers', 'status', 'offer_expires_at'),
    ],
  });

export class Delivery1700000000070 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [deliveries(), riders(), jobs()]) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['jobs', 'riders', 'deliveries']) await runner.dropTable(table);
  }
}
