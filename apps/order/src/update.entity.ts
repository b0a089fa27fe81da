import { Column, Entity, PrimaryColumn } from 'typeorm';
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

/** Something that the customer may see happen to the order. */
@Entity('order_updates')
export class OrderUpdate {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  /**
   * The order's version after it. Nobody writes a version whose predecessor is not committed, so whoever has read up to one has missed none:
   * a generated id would not promise that, for it is drawn before the commit, and by the engines of many nodes in no order at all.
   */
  @PrimaryColumn('integer')
  seq!: number;
  /** Whose order it is: the orders are sharded by it, and what belongs to them with them. */
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
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
