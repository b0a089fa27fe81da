import type { OrderAddress } from '@nakku/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { z } from 'zod';
import type { Stage } from './delivery.js';

/** Where an order goes. */
export type Drop = z.output<typeof OrderAddress>;

/** The delivery of one order. */
@Entity('deliveries')
@Index('deliveries_queue', ['stage', 'storeId', 'nextOfferAt'])
@Index('deliveries_give_up', ['stage', 'giveUpAt'])
export class Delivery {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { length: 16 })
  stage!: Stage;
  /** Missing while the order's confirmation has not been heard. */
  @Column('simple-json', { nullable: true })
  address!: Drop | null;
  @Column('boolean')
  packed!: boolean;
  /** Not selected unless asked for: it is shown to the customer alone. */
  @Column('varchar', { length: 6, select: false })
  otp!: string;
  @Column('integer', { name: 'otp_tries' })
  otpTries!: number;
  @Column('varchar', { name: 'otp_locked_until', length: 24, nullable: true })
  otpLockedUntil!: string | null;
  /** The job that is offered or under way. */
  @Column('varchar', { name: 'job_id', length: 36, nullable: true })
  jobId!: string | null;
  /** Who accepted it. */
  @Column('varchar', { name: 'rider_id', length: 36, nullable: true })
  riderId!: string | null;
  @Column('varchar', { name: 'confirmed_at', length: 24 })
  confirmedAt!: string;
  /** When the bag is packed, or should be. */
  @Column('varchar', { name: 'ready_at', length: 24 })
  readyAt!: string;
  /** Not offered before that; also its place in the queue. */
  @Column('varchar', { name: 'next_offer_at', length: 24 })
  nextOfferAt!: string;
  /** When its stage has lasted too long: no rider while it waits, no pickup once it is assigned, no hand-over on the road. */
  @Column('varchar', { name: 'give_up_at', length: 24 })
  giveUpAt!: string;
  @Column('varchar', { name: 'eta_at', length: 24 })
  etaAt!: string;
}
