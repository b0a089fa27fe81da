import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A message in a user's inbox. */
@Entity('notifications')
@Index('notifications_dedupe_key', ['dedupeKey'], { unique: true })
@Index('notifications_user_id', ['userId', 'id'])
export class Notification {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  /** What makes it one: the same key (at most 191 characters) is told once on a channel. */
  @Column('varchar', { name: 'dedupe_key', length: 200 })
  dedupeKey!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  @Column('varchar', { length: 64 })
  type!: string;
  @Column('varchar', { length: 200 })
  title!: string;
  @Column('text')
  body!: string;
  @Column('varchar', { name: 'order_id', length: 36, nullable: true })
  orderId!: string | null;
  /** More facts, as JSON. */
  @Column('text')
  data!: string;
  @Column('varchar', { name: 'read_at', length: 24, nullable: true })
  readAt!: string | null;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}

/** A mail or SMS. */
@Entity('outbound_messages')
@Index('outbound_messages_dedupe_key', ['dedupeKey'], { unique: true })
@Index('outbound_messages_user_id', ['userId'])
export class OutboundMessage {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'dedupe_key', length: 200 })
  dedupeKey!: string;
  @Column('varchar', { name: 'user_id', length: 36, nullable: true })
  userId!: string | null;
  @Column('varchar', { length: 16 })
  channel!: string;
  @Column('varchar', { length: 254 })
  recipient!: string;
  @Column('varchar', { length: 64 })
  type!: string;
  @Column('varchar', { length: 200 })
  title!: string;
  @Column('text')
  body!: string;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}

/** Which channels a user wants besides the inbox. */
@Entity('notification_preferences')
export class Preferences {
  @PrimaryColumn('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  @Column('boolean')
  email!: boolean;
  @Column('boolean')
  sms!: boolean;
  @Column('boolean')
  push!: boolean;
}

/** A browser that agreed to receive web push. */
@Entity('push_subscriptions')
@Index('push_subscriptions_user_id', ['userId'])
export class PushSubscription {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  @Column('text')
  endpoint!: string;
  @Column('varchar', { length: 200 })
  p256dh!: string;
  @Column('varchar', { length: 100 })
  auth!: string;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}
