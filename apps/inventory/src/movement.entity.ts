import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export type MovementType = 'seed' | 'adjust' | 'reserve' | 'release' | 'commit' | 'transfer';

/** One change of one stock row. Rows are only ever added. */
@Entity('movements')
@Index('movements_store_id', ['storeId', 'id'])
@Index('movements_store_product', ['storeId', 'productId', 'id'])
export class Movement {
  /** UUIDv7: sorts by time. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  @Column('varchar', { length: 16 })
  type!: MovementType;
  @Column('integer', { name: 'on_hand_delta' })
  onHandDelta!: number;
  @Column('integer', { name: 'reserved_delta' })
  reservedDelta!: number;
  @Column('varchar', { name: 'order_id', length: 36, nullable: true })
  orderId!: string | null;
  @Column('varchar', { length: 200, nullable: true })
  reason!: string | null;
  /** A user's id, or `system` for what an order's events did. */
  @Column('varchar', { name: 'actor_id', length: 36 })
  actorId!: string;
  @Column('varchar', { length: 24 })
  at!: string;
}
