import { Injectable } from '@nestjs/common';
import { Database, now } from '@nakku/database';
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

  /** The cart's generation refuses a repetition all the same: these rows only tell it from another order's attempt. */
  async forget(before: string): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .delete()
      .from(CartCheckout)
      .where('created_at < :before', { before })
      .execute();
  }
}
