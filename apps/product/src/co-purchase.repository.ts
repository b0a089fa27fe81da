import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In } from 'typeorm';
import { CoPurchase } from './co-purchase.entity.js';

@Injectable()
export class CoPurchaseRepository {
  constructor(private readonly database: Database) {}

  /** Counts one more order for every pair of these products. Given in one order by everybody, two orders never dead-lock. */
  async add(productIds: string[]): Promise<void> {
    const pairs = productIds.flatMap((productId) =>
      productIds.filter((otherId) => otherId !== productId).map((otherId) => ({ productId, otherId, count: 0 })),
    );
    if (pairs.length === 0) return;
    const these = { productId: In(productIds), otherId: In(productIds) };
    if ((await this.database.manager.countBy(CoPurchase, these)) < pairs.length) await this.begin(pairs);
    await this.database.manager
      .createQueryBuilder()
      .update(CoPurchase)
      .set({ count: () => '`count` + 1' })
      .where(these)
      .execute();
  }

  /** What was bought with a product, most often first. */
  async of(productId: string, limit: number): Promise<string[]> {
    const rows = await this.database.manager
      .createQueryBuilder(CoPurchase, 'pair')
      .select('pair.otherId', 'otherId')
      .where({ productId })
      .orderBy('pair.count', 'DESC')
      .addOrderBy('pair.otherId')
      .limit(limit)
      .getRawMany<{ otherId: string }>();
    return rows.map(({ otherId }) => otherId);
  }

  /** Rows that are there already stay as they are, and are locked for writing: `orIgnore` would lock them for reading only, and dead-lock. */
  private async begin(pairs: CoPurchase[]): Promise<void> {
    const key = ['product_id', 'other_id'];
    const insert = this.database.manager.createQueryBuilder().insert().into(CoPurchase).values(pairs);
    await insert.orUpdate(key, key).updateEntity(false).execute();
  }
}
