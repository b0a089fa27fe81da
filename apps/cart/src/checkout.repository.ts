import { Injectable } from '@nestjs/common';
import { Database, deleteInBatches, now } from '@nakku/database';
import { LessThan } from 'typeorm';
import { CartCheckout } from './cart.entity.js';

/** Which orders have taken their lines out of a cart. */
@Injectable()
export class CheckoutRepository {
  constructor(private readonly database: Database) {}

  isCheckedOut(orderId: string): Promise<boolean> {
    return this.database.manager.existsBy(CartCheckout, { orderId });
  }

  async record(orderId: string, cartId: string, generation: number): Promise<void> {
    const row = { orderId, cartId, generation, createdAt: now() };
    await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(CartCheckout)
      .values(row)
      .updateEntity(false)
      .execute();
  }

  /**
   * Forgets the orders before an instant. The cart's generation refuses a repetition all the same: these rows only tell it from
   * another order's attempt.
   */
  async forget(before: string): Promise<void> {
    await deleteInBatches(this.database, CartCheckout, 'orderId', { createdAt: LessThan(before) });
  }
}
