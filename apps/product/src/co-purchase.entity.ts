import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many confirmed orders had both products. Each pair has a row in either direction. */
@Entity('co_purchases')
export class CoPurchase {
  @PrimaryColumn('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  @PrimaryColumn('varchar', { name: 'other_id', length: 36 })
  otherId!: string;
  @Column('integer')
  count!: number;
}
