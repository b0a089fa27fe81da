import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In } from 'typeorm';
import { Product } from './product.entity.js';

/** What tells whether a product has changed. */
export interface Mark {
  id: string;
  version: number;
  updatedAt: string;
}

const COLUMNS = [
  'id',
  'sku',
  'name',
  'brand',
  'categoryId',
  'description',
  'unit',
  'imageUrl',
  'price',
  'compareAt',
  'currency',
  'version',
  'createdAt',
  'updatedAt',
  'deletedAt',
] as const satisfies (keyof Product)[];

@Injectable()
export class ProductRepository {
  constructor(private readonly database: Database) {}

  /** The product of an id, deleted or not; nobody else changes it until this transaction ends. */
  async hold(id: string): Promise<Product | undefined> {
    return this.database.forUpdate(this.rows().where({ id })).getRawOne<Product>();
  }

  async findMany(ids: string[]): Promise<Product[]> {
    return this.rows()
      .where({ id: In(ids) })
      .getRawMany<Product>();
  }

  /** The products with the lowest ids above `after`. */
  async after(after: string, limit: number): Promise<Product[]> {
    return this.rows().where('product.id > :after', { after }).orderBy('product.id').limit(limit).getRawMany<Product>();
  }

  /** Which products changed since an instant; `after` is the last one seen. */
  async changed(since: string, after: Mark | undefined, limit: number): Promise<Mark[]> {
    const query = this.rows(['id', 'version', 'updatedAt']).where('product.updatedAt >= :since', { since });
    if (after)
      query.andWhere(
        '(product.updatedAt > :updatedAt OR (product.updatedAt = :updatedAt AND product.id > :id))',
        after,
      );
    return query.orderBy('product.updatedAt').addOrderBy('product.id').limit(limit).getRawMany<Mark>();
  }

  /** How many products there are, deleted ones included, and the sum of their versions: both only ever grow. */
  async fingerprint(): Promise<{ count: number; versions: number }> {
    const row = await this.database.manager
      .createQueryBuilder(Product, 'product')
      .select('COUNT(*)', 'count')
      .addSelect('SUM(product.version)', 'versions')
      .getRawOne<{ count: number; versions: number | null }>();
    return { count: Number(row?.count), versions: Number(row?.versions ?? 0) };
  }

  async anyIn(categoryId: string): Promise<boolean> {
    const found = await this.rows(['id']).where({ categoryId, deletedAt: '' }).limit(1).getRawMany();
    return found.length > 0;
  }

  async insert(products: Product[]): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(Product)
      .values(products)
      .updateEntity(false)
      .execute();
  }

  /** Writes the product if it still has the version before; false when it has not. */
  async replace(product: Product): Promise<boolean> {
    const { id, version, ...fields } = product;
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(Product)
      .set({ ...fields, version })
      .where({ id, version: version - 1, deletedAt: '' })
      .execute();
    return affected === 1;
  }

  /** Raw rows in the entity's shape: hydrating a hundred thousand entities would take seconds. */
  private rows(columns: readonly (keyof Product)[] = COLUMNS) {
    const query = this.database.manager.createQueryBuilder(Product, 'product').select([]);
    for (const column of columns) query.addSelect(`product.${column}`, column);
    return query;
  }
}
