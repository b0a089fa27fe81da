import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event that was published and is not yet known to be delivered. */
@Entity('outbox')
@Index('outbox_key_seq', ['key', 'seq'])
@Index('outbox_owner_seq', ['owner', 'seq'])
export class OutboxRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  /** Order of publication within a key; see `Relay.place`. Not generated: engines of many nodes draw generated keys in no order. */
  @Column({ ...AMOUNT })
  seq!: number;
  @Column('varchar', { length: 64 })
  type!: string;
  /** The aggregate whose events stay in order. */
  @Column('varchar', { length: 191 })
  key!: string;
  /** The CloudEvents envelope as JSON. */
  @Column('text')
  envelope!: string;
  /** The relay whose row it is: that of the process that wrote it, or of the one that took it over. Empty in an embedded store. */
  @Column('varchar', { length: 36 })
  owner!: string;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}

/** A relay that shares the outbox with others. */
@Entity('outbox_relays')
export class OutboxRelay {
  @PrimaryColumn('varchar', { length: 36 })
  owner!: string;
  /** Grows while the relay lives. Others watch it by their own clocks, so that no two clocks need to agree. */
  @Column('integer')
  beat!: number;
}

/** An event whose effect this domain has applied. */
@Entity('inbox')
@Index('inbox_handled_at', ['handledAt'])
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

/** The tables that every domain has for its events. */
export const TRANSPORT_ENTITIES = [OutboxRow, OutboxRelay, InboxRow, DeadLetter];
