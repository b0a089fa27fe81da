import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { RiderStatus } from './delivery.js';

@Entity('riders')
@Index('riders_user', ['userId'], { unique: true })
@Index('riders_free', ['status', 'jobId', 'storeId'])
export class Rider {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'user_id', length: 36 })
  userId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { length: 200 })
  name!: string;
  @Column('varchar', { length: 16 })
  vehicle!: string;
  @Column('varchar', { length: 16 })
  status!: RiderStatus;
  /** The one job that he is offered (online) or does (busy). */
  @Column('varchar', { name: 'job_id', length: 36, nullable: true })
  jobId!: string | null;
  @Column('varchar', { name: 'idle_since', length: 24 })
  idleSince!: string;
  @Column('double', { nullable: true })
  lat!: number | null;
  @Column('double', { nullable: true })
  lng!: number | null;
  /** When he was there. He reports far more often than it is written here: see `whereabouts.service.ts`. */
  @Column('varchar', { name: 'seen_at', length: 24, nullable: true })
  seenAt!: string | null;
  /** When his position was last told to the others. */
  @Column('varchar', { name: 'told_at', length: 24, nullable: true })
  toldAt!: string | null;
}
