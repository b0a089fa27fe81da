import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { Movement } from './movement.entity.js';

/** Which movements a list shows, and before which one it goes on. */
export interface MovementFilter {
  storeId?: string;
  productId?: string;
  before?: string;
}

@Injectable()
export class MovementRepository {
  constructor(private readonly database: Database) {}

  async insert(rows: Movement[]): Promise<void> {
    const insert = this.database.manager.createQueryBuilder().insert().into(Movement).values(rows);
    await insert.updateEntity(false).execute();
  }

  /** Newest first. */
  list({ storeId, productId, before }: MovementFilter, limit: number): Promise<Movement[]> {
    const query = this.database.manager.createQueryBuilder(Movement, 'movement');
    if (storeId) query.andWhere('movement.storeId = :storeId', { storeId });
    if (productId) query.andWhere('movement.productId = :productId', { productId });
    if (before) query.andWhere('movement.id < :before', { before });
    return query.orderBy('movement.id', 'DESC').limit(limit).getMany();
  }
}
