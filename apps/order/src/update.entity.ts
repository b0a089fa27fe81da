import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { OrderStatus } from './order.js';

export type UpdateKind = 'status' | 'eta' | 'position';
/** Who did it, as far as a customer may know. */
export type UpdateActor = 'customer' | 'store' | 'rider' | 'system';

/** What there is to say besides the status. Instants are ISO strings. */
export interface UpdateDetail {
  /** A stable code. */
  reason?: string;
  text?: string;
  etaAt?: string;
  riderName?: string;
  lat?: number;
  lng?: number;
  /** From the pickup to the door. */
  minutes?: number;
  shortages?: { productId: string; requested: number; available: number }[];
}

/** Something that the customer may see happen to the order. The ids of one order grow in the order of commits. */
@Entity('order_updates')
export class OrderUpdate {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;
  @Column('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { length: 8 })
  kind!: UpdateKind;
  @Column('varchar', { length: 64 })
  event!: string;
  @Column('varchar', { length: 16 })
  actor!: UpdateActor;
  /** The order's status after it. */
  @Column('varchar', { length: 20 })
  status!: OrderStatus;
  @Column('simple-json', { nullable: true })
  detail?: UpdateDetail | null;
  @Column('varchar', { length: 24 })
  at!: string;
}
