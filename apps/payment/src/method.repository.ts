import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, newId, now } from '@nakku/database';
import { MethodRow } from './method.entity.js';

/** The payment methods that customers keep. */
@Injectable()
export class MethodRepository {
  constructor(private readonly database: Database) {}

  /** All that the customer has. */
  of(customerId: string): Promise<MethodRow[]> {
    return this.database.manager.findBy(MethodRow, { customerId });
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

  /** Undefined when the customer has that token already, or something in that slot. */
  async insert(given: Pick<MethodRow, 'customerId' | 'slot' | 'token' | 'label'>): Promise<MethodRow | undefined> {
    const row = { ...given, id: newId(), createdAt: now() };
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
