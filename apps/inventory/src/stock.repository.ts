import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { Stock } from './stock.entity.js';
import type { Change } from './stock.js';

/** Which stock rows a list shows, and after which one it goes on. */
export interface StockFilter {
  storeId?: string;
  productId?: string;
  lowOnly?: boolean;
  after?: [storeId: string, productId: string];
}

// Every line of every order runs these two: building them anew each time would cost several times what running them does.
const APPLY = `UPDATE stock SET on_hand = on_hand + ?, reserved = reserved + ?, updated_at = ?
  WHERE store_id = ? AND product_id = ? AND reserved + ? >= 0 AND on_hand + ? >= reserved + ?`;
const FIND = `SELECT store_id AS storeId, product_id AS productId, on_hand AS onHand, reserved, threshold, updated_at AS updatedAt
  FROM stock WHERE store_id = ?`;

@Injectable()
export class StockRepository {
  constructor(private readonly database: Database) {}

  /**
   * Changes a row unless that would reserve more than there is, or less than nothing: false, too, when there is no row.
   * Call it in a transaction.
   */
  async apply(storeId: string, { productId, onHand, reserved }: Change, at: string): Promise<boolean> {
    const values = [onHand, reserved, at, storeId, productId, reserved, onHand, reserved];
    const { affected } = await this.database.manager.queryRunner!.query(APPLY, values, true);
    return affected === 1;
  }

  /** The rows of these products in a store, in no order. */
  find(storeId: string, productIds: readonly string[]): Promise<Stock[]> {
    const sql = `${FIND} AND product_id IN (${productIds.map(() => '?').join(', ')})`;
    return this.database.manager.query<Stock[]>(sql, [storeId, ...productIds]);
  }

  exists(storeId: string, productId: string): Promise<boolean> {
    return this.database.manager.existsBy(Stock, { storeId, productId });
  }

  /** Leaves the numbers of a row that is there already as they are. */
  async insert(rows: Stock[]): Promise<void> {
    const insert = this.database.manager.createQueryBuilder().insert().into(Stock).values(rows);
    // Not ignored but touched: that takes the lock of a writer at once, for which those who ignore it would wait for each other in a circle.
    await insert.orUpdate(['updated_at'], ['store_id', 'product_id']).updateEntity(false).execute();
  }

  /** In the order of store and product. */
  list({ storeId, productId, lowOnly, after }: StockFilter, limit: number): Promise<Stock[]> {
    const query = this.database.manager.createQueryBuilder(Stock, 'stock');
    if (storeId) query.andWhere('stock.storeId = :storeId', { storeId });
    if (productId) query.andWhere('stock.productId = :productId', { productId });
    if (lowOnly) query.andWhere('stock.onHand - stock.reserved <= stock.threshold');
    if (after) {
      const [store, product] = after;
      query.andWhere('(stock.storeId > :store OR (stock.storeId = :store AND stock.productId > :product))');
      query.setParameters({ store, product });
    }
    return query.orderBy('stock.storeId').addOrderBy('stock.productId').limit(limit).getMany();
  }

  /** What can be sold of each product in the store; without one, the most that any single store can sell. */
  async availability(productIds: readonly string[], storeId?: string): Promise<Map<string, number>> {
    if (productIds.length === 0) return new Map();
    const query = this.database.manager
      .createQueryBuilder(Stock, 'stock')
      .select('stock.productId', 'productId')
      .addSelect('MAX(stock.onHand - stock.reserved)', 'available')
      .where('stock.productId IN (:...productIds)', { productIds })
      .groupBy('stock.productId');
    if (storeId) query.andWhere('stock.storeId = :storeId', { storeId });
    const rows = await query.getRawMany<{ productId: string; available: number }>();
    return new Map(rows.map(({ productId, available }) => [productId, Number(available)]));
  }

  /** The products that the store, or any store, can sell. */
  async inStock(storeId?: string): Promise<string[]> {
    const query = this.database.manager
      .createQueryBuilder(Stock, 'stock')
      .select('DISTINCT stock.productId', 'productId')
      .where('stock.onHand > stock.reserved');
    if (storeId) query.andWhere('stock.storeId = :storeId', { storeId });
    return (await query.getRawMany<{ productId: string }>()).map(({ productId }) => productId);
  }
}
