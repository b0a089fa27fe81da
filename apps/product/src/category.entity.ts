import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A shelf of the shop. Deleted ones stay: count and sum of versions then only grow, and tell other copies of a change. */
@Entity('categories')
@Index('categories_slug_live', ['slug', 'deletedAt'], { unique: true })
export class Category {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { length: 100 })
  name!: string;
  @Column('varchar', { length: 100 })
  slug!: string;
  @Column('varchar', { name: 'parent_id', length: 36, nullable: true })
  parentId!: string | null;
  @Column('integer')
  version!: number;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
  /** Empty while the category lives. */
  @Column('varchar', { name: 'deleted_at', length: 24 })
  deletedAt!: string;
}
