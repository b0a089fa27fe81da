import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, newId, now } from '@nakku/database';
import { MethodRow } from './method.entity.js';

/** The payment methods that customers keep. */
@Injectable()
export class MethodRepository {
  constructor(private readonly database: Database) {}

  find(customerId: string, token: string): Promise<MethodRow | null> {
    return this.database.manager.findOneBy(MethodRow, { customerId, token });
  }

  count(customerId: string): Promise<number> {
    return this.database.manager.countBy(MethodRow, { customerId });
  }

  /** Newest first. */
  list(customerId: string, limit: number, before: string | undefined): Promise<MethodRow[]> {
    const query = this.database.manager
      .createQueryBuilder(MethodRow, 'method')
      .where('method.customerId = :customerId', { customerId })
      .orderBy('method.id', 'DESC')
      .take(limit);
    if (before) query.andWhere('method.id < :before', { before });
    return query.getMany();
  }

  /** Undefined when the customer has that token already. */
  async insert(customerId: string, token: string, label: string | undefined): Promise<MethodRow | undefined> {
    const row = { id: newId(), customerId, token, label: label ?? null, createdAt: now() };
    try {
      const { manager } = this.database;
      await manager.createQueryBuilder().insert().into(MethodRow).values(row).updateEntity(false).execute();
      return row;
    } catch (error) {
      if (isUniqueViolation(error)) return undefined;
      throw error;
    }
  }

  async rename(id: string, label: string): Promise<void> {
    await this.database.manager.createQueryBuilder().update(MethodRow).set({ label }).where({ id }).execute();
  }

  /** False when the customer has no such method. */
  async delete(customerId: string, id: string): Promise<boolean> {
    const removal = this.database.manager.createQueryBuilder().delete().from(MethodRow);
    return (await removal.where({ id, customerId }).execute()).affected === 1;
  }
}
