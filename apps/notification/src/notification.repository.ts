import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation } from '@nakku/database';
import { LessThan, type ObjectLiteral } from 'typeorm';
import { Notification, OutboundMessage, Preferences, PushSubscription } from './notification.entity.js';

@Injectable()
export class NotificationRepository {
  constructor(private readonly database: Database) {}

  /** False when one with the same key is there already. */
  add(row: Notification): Promise<boolean> {
    return this.insertOnce(Notification, row);
  }

  addOutbound(row: OutboundMessage): Promise<boolean> {
    return this.insertOnce(OutboundMessage, row);
  }

  list(userId: string, limit: number, before?: string): Promise<Notification[]> {
    return this.newestFirst(Notification, { userId, ...(before ? { id: LessThan(before) } : {}) }, limit);
  }

  listOutbound(limit: number, before?: string): Promise<OutboundMessage[]> {
    return this.newestFirst(OutboundMessage, before ? { id: LessThan(before) } : {}, limit);
  }

  find(userId: string, id: string): Promise<Notification | null> {
    return this.database.manager.findOneBy(Notification, { id, userId });
  }

  async markRead(userId: string, id: string, at: string): Promise<void> {
    const update = this.database.manager.createQueryBuilder().update(Notification).set({ readAt: at });
    await update.where('id = :id AND user_id = :userId AND read_at IS NULL', { id, userId }).execute();
  }

  preferences(userId: string): Promise<Preferences | null> {
    return this.database.manager.findOneBy(Preferences, { userId });
  }

  /** Of two wishes at once the later one counts. */
  async setPreferences(row: Preferences): Promise<void> {
    await this.upsert(row, ['email', 'sms', 'push']);
  }

  /** Until the transaction ends nobody else holds this user. His preferences serve as the lock: he gets these if he has none yet. */
  async hold(otherwise: Preferences): Promise<void> {
    await this.upsert(otherwise, ['user_id']);
  }

  subscriptions(userId: string): Promise<PushSubscription[]> {
    return this.database.manager.findBy(PushSubscription, { userId });
  }

  async addSubscription(row: PushSubscription): Promise<void> {
    await this.insertOnce(PushSubscription, row);
  }

  async renewSubscription(id: string, keys: Pick<PushSubscription, 'p256dh' | 'auth'>): Promise<void> {
    await this.database.manager.createQueryBuilder().update(PushSubscription).set(keys).where({ id }).execute();
  }

  /** Everything that is known of a user. */
  async forget(userId: string): Promise<void> {
    for (const table of [Notification, Preferences, PushSubscription, OutboundMessage]) {
      await this.database.manager.createQueryBuilder().delete().from(table).where({ userId }).execute();
    }
  }

  private async upsert(row: Preferences, columns: string[]): Promise<void> {
    const insert = this.database.manager.createQueryBuilder().insert().into(Preferences).values(row);
    await insert.orUpdate(columns, ['user_id']).updateEntity(false).execute();
  }

  private newestFirst<T extends ObjectLiteral>(table: new () => T, where: ObjectLiteral, take: number): Promise<T[]> {
    return this.database.manager
      .createQueryBuilder(table, 'row')
      .where(where)
      .orderBy('row.id', 'DESC')
      .take(take)
      .getMany();
  }

  private async insertOnce<T extends ObjectLiteral>(table: new () => T, row: T): Promise<boolean> {
    try {
      await this.database.manager.createQueryBuilder().insert().into(table).values(row).updateEntity(false).execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }
}
