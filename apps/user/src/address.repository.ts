import { Database } from '@nakku/database';
import { Injectable } from '@nestjs/common';
import { LessThan, type QueryDeepPartialEntity } from 'typeorm';
import { AddressRow } from './address.entity.js';

@Injectable()
export class AddressRepository {
  constructor(private readonly database: Database) {}

  async insert(...rows: AddressRow[]): Promise<void> {
    await this.write().insert().into(AddressRow).values(rows).updateEntity(false).execute();
  }

  one(userId: string, id: string): Promise<AddressRow | null> {
    return this.database.manager.findOneBy(AddressRow, { id, userId });
  }

  count(userId: string): Promise<number> {
    return this.database.manager.countBy(AddressRow, { userId });
  }

  /** The newest first: one more than the limit. */
  list(userId: string, limit: number, before?: string): Promise<AddressRow[]> {
    const where = { userId, ...(before ? { id: LessThan(before) } : {}) };
    return this.database.manager.find(AddressRow, { where, order: { id: 'DESC' }, take: limit + 1 });
  }

  async newest(userId: string): Promise<string | undefined> {
    return (await this.list(userId, 0))[0]?.id;
  }

  /** Writes an edit that began from this version; false when the address has changed or gone since. */
  async update({ id, version }: AddressRow, set: QueryDeepPartialEntity<AddressRow>): Promise<boolean> {
    const edit = { ...set, version: version + 1 };
    return (await this.write().update(AddressRow).set(edit).where({ id, version }).execute()).affected === 1;
  }

  async delete(userId: string, id: string): Promise<boolean> {
    return (await this.write().delete().from(AddressRow).where({ id, userId }).execute()).affected === 1;
  }

  async deleteAll(userId: string): Promise<void> {
    await this.write().delete().from(AddressRow).where({ userId }).execute();
  }

  private write() {
    return this.database.manager.createQueryBuilder();
  }
}
