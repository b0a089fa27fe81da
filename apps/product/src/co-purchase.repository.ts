import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In } from 'typeorm';
import { CoPurchase } from './co-purchase.entity.js';

@Injectable()
export class CoPurchaseRepository {
  constructor(private readonly database: Database) {}

  /** Counts one more order for every pair of these products, in two statements. */
  async add(productIds: string[]): Promise<void> {
    const pairs = productIds.flatMap((productId) =>
      productIds.filter((otherId) => otherId !== productId).map((otherId) => ({ productId, otherId, count: 0 })),
    );
    if (pairs.length === 0) return;
    const { manager } = this.database;
    await manager.createQueryBuilder().insert().into(CoPurchase).values(pairs).orIgnore().updateEntity(false).execute();
    await manager
      .createQueryBuilder()
      .update(CoPurchase)
      .set({ count: () => 'count + 1' })
      .where({ productId: In(productIds), otherId: In(productIds) })
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
}
