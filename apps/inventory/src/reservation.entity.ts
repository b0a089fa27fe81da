import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Line } from './reservation.js';

/**
 * `reserved` → `committed` (packed) or `released` (cancelled); `committed` → `returned` (cancelled after packing).
 * `rejected` was short. An order that was cancelled before it was known here is `released` with no lines.
 */
export type ReservationStatus = 'reserved' | 'rejected' | 'released' | 'committed' | 'returned';

/** What an order holds of a store's stock. */
@Entity('reservations')
export class Reservation {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { length: 16 })
  status!: ReservationStatus;
  @Column('simple-json')
  items!: Line[];
  /** Grows with every change: of two that change it at once one starts over. */
  @Column('integer')
  version!: number;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
}
