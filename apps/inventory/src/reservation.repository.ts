import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, now } from '@nakku/database';
import { Reservation } from './reservation.entity.js';

@Injectable()
export class ReservationRepository {
  constructor(private readonly database: Database) {}

  find(orderId: string): Promise<Reservation | null> {
    return this.database.manager.findOneBy(Reservation, { orderId });
  }

  /** As `find`, and nobody else changes it until the transaction ends. What is not there yet may be opened by somebody else all the same. */
  lock(orderId: string): Promise<Reservation | null> {
    const query = this.database.manager.createQueryBuilder(Reservation, 'r').where('r.orderId = :orderId', { orderId });
    return this.database.forUpdate(query).getOne();
  }

  /** False when the order has a reservation already. */
  async open(row: Pick<Reservation, 'orderId' | 'storeId' | 'status' | 'items'>): Promise<boolean> {
    const insert = this.database.manager.createQueryBuilder().insert().into(Reservation);
    try {
      await insert
        .values({ ...row, version: 1, updatedAt: now() })
        .updateEntity(false)
        .execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** Throws when somebody else has changed the reservation since it was read: the whole event is then handled anew. */
  async change(read: Reservation, changes: Partial<Pick<Reservation, 'status' | 'items'>>): Promise<void> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(Reservation)
      .set({ ...changes, version: read.version + 1, updatedAt: now() })
      .where('order_id = :orderId AND version = :version', read)
      .execute();
    if (affected !== 1) throw new Error(`the reservation of order ${read.orderId} was changed by somebody else`);
  }
}
