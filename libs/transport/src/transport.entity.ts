import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** An event that was published and is not yet known to be delivered. */
@Entity('outbox')
export class OutboxRow {
  /** Order of publication; of one key the order is never changed. */
  @PrimaryGeneratedColumn({ type: 'integer' })
  seq!: number;
  @Column('varchar', { length: 36, unique: true })
  id!: string;
  @Column('varchar', { length: 64 })
  type!: string;
  /** The aggregate whose events stay in order. */
  @Column('varchar', { length: 191 })
  key!: string;
  /** The CloudEvents envelope as JSON. */
  @Column('text')
  envelope!: string;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}

/** An event whose effect this domain has applied. */
@Entity('inbox')
export class InboxRow {
  @PrimaryColumn('varchar', { name: 'event_id', length: 36 })
  eventId!: string;
  @Column('varchar', { name: 'handled_at', length: 24 })
  handledAt!: string;
}

/** An event that this domain could not handle in all its tries. */
@Entity('dead_letters')
export class DeadLetter {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'event_id', length: 36 })
  eventId!: string;
  @Column('varchar', { length: 64 })
  type!: string;
  @Column('varchar', { length: 191 })
  key!: string;
  /** The CloudEvents envelope as JSON. */
  @Column('text')
  envelope!: string;
  @Column('text')
  error!: string;
  @Column('integer')
  tries!: number;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}
