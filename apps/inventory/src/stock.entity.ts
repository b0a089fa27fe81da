import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a store has of a product: always 0 ≤ reserved ≤ on hand, and always the sum of its movements. */
@Entity('stock')
export class Stock {
  @PrimaryColumn('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Index('stock_product_id')
  @PrimaryColumn('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  @Column('integer', { name: 'on_hand' })
  onHand!: number;
  @Column('integer')
  reserved!: number;
  /** With so many available, or fewer, the stock is low. */
  @Column('integer')
  threshold!: number;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
}
