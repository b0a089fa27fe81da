import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A provider's event that had its effect: sent again, it has none. */
@Entity('webhook_events')
export class WebhookRow {
  @PrimaryColumn('varchar', { length: 16 })
  provider!: string;
  @PrimaryColumn('varchar', { name: 'event_id', length: 128 })
  eventId!: string;
  @Column('varchar', { name: 'received_at', length: 24 })
  receivedAt!: string;
}
