import {
  Column,
  Entity,
  Index,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  Table,
  TableIndex,
} from 'typeorm';

/** One use of an `Idempotency-Key`: running until `expiresAt` (30 s), then the stored answer for 24 h. */
@Entity('idempotency_keys')
@Index('idempotency_keys_expires_at', ['expiresAt'])
export class IdempotencyKey {
  /** sha256 of user, route and key. */
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;
  @Column('varchar', { name: 'body_hash', length: 64 })
  bodyHash!: string;
  /** Who runs it: what a run writes is refused once another has taken over. */
  @Column('varchar', { length: 36 })
  token!: string;
  /** HTTP status of the stored answer; 0 while it is running. */
  @Column('integer')
  status!: number;
  /** The answer's body as JSON; empty while it is running. */
  @Column('text')
  body!: string;
  @Column('varchar', { name: 'expires_at', length: 24 })
  expiresAt!: string;
}

export class IdempotencyKeys1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'idempotency_keys',
        columns: [
          { name: 'id', type: 'varchar', length: '64', isPrimary: true },
          { name: 'body_hash', type: 'varchar', length: '64' },
          { name: 'token', type: 'varchar', length: '36' },
          { name: 'status', type: 'integer' },
          { name: 'body', type: 'text' },
          { name: 'expires_at', type: 'varchar', length: '24' },
        ],
      }),
      true,
    );
    await runner.createIndex(
      'idempotency_keys',
      new TableIndex({ name: 'idempotency_keys_expires_at', columnNames: ['expires_at'] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('idempotency_keys');
  }
}
