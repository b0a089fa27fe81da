import type { JobStatus as Status } from '@nakku/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { z } from 'zod';
import type { Pickup } from './delivery.js';

export type JobStatus = z.output<typeof Status>;

/** One order at one rider: first as an offer, then as his work. */
@Entity('jobs')
@Index('jobs_rider', ['riderId', 'open', 'id'])
@Index('jobs_order', ['orderId'])
@Index('jobs_offers', ['status', 'offerExpiresAt'])
export class Job {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'rider_id', length: 36 })
  riderId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { length: 16 })
  status!: JobStatus;
  /** Offered, accepted or picked up. */
  @Column('boolean')
  open!: boolean;
  @Column('simple-json')
  pickup!: Pickup;
  @Column('varchar', { name: 'offer_expires_at', length: 24 })
  offerExpiresAt!: string;
  @Column('varchar', { name: 'ended_at', length: 24, nullable: true })
  endedAt!: string | null;
  /** Why it lapsed or failed. */
  @Column('varchar', { length: 191, nullable: true })
  reason!: string | null;
}
