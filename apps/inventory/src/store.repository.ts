import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { MoreThan } from 'typeorm';
import { Store } from './store.entity.js';

@Injectable()
export class StoreRepository {
  constructor(private readonly database: Database) {}

  find(id: string): Promise<Store | null> {
    return this.database.manager.findOneBy(Store, { id });
  }

  /** In the order of their codes, from the one after `code` on. */
  list(code = '', limit?: number): Promise<Store[]> {
    return this.database.manager.find(Store, { where: { code: MoreThan(code) }, order: { code: 'ASC' }, take: limit });
  }

  async insert(stores: Store[]): Promise<void> {
    await this.database.manager.createQueryBuilder().insert().into(Store).values(stores).updateEntity(false).execute();
  }

  /** False when there is no such store. */
  async update(id: string, changes: Partial<Omit<Store, 'id'>>): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(Store).set(changes);
    const { affected } = await update.where('id = :id', { id }).execute();
    return affected === 1;
  }
}
