import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Something to sell. A deleted one stays, with `deletedAt`, for the orders and copies of the service that know it. */
@Entity('products')
@Index('products_sku_live', ['sku', 'deletedAt'], { unique: true })
@Index('products_category', ['categoryId', 'deletedAt'])
@Index('products_updated_at', ['updatedAt', 'id'])
@Index('products_version', ['version'])
export class Product {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { length: 64 })
  sku!: string;
  @Column('varchar', { length: 160 })
  name!: string;
  @Column('varchar', { length: 100 })
  brand!: string;
  @Column('varchar', { name: 'category_id', length: 36 })
  categoryId!: string;
  @Column('varchar', { length: 2000 })
  description!: string;
  @Column('varchar', { length: 40 })
  unit!: string;
  @Column('varchar', { name: 'image_url', length: 500 })
  imageUrl!: string;
  /** Paise. */
  @Column('integer')
  price!: number;
  /** The price before the offer, in paise. */
  @Column('integer', { name: 'compare_at', nullable: true })
  compareAt!: number | null;
  @Column('varchar', { length: 3 })
  currency!: string;
  /** Counts the changes, from 1. */
  @Column('integer')
  version!: number;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
  /** Empty while the product lives: NULL would let two live products share a sku. */
  @Column('varchar', { name: 'deleted_at', length: 24 })
  deletedAt!: string;
}
