import { Injectable } from '@nestjs/common';
import { cartCleared, cartUpdated } from '@nakku/contracts';
import { Database } from '@nakku/database';
import { Problem } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { mergedLines } from './cart.js';
import { guest } from './cart.owner.js';
import { CartRepository, type StoredCart } from './cart.repository.js';

/** Moves guests' carts into those of the customers they turn out to be. */
@Injectable()
export class MergeService {
  constructor(
    private readonly database: Database,
    private readonly carts: CartRepository,
    private readonly events: EventBus,
  ) {}

  /** False for a token that is none, or none any more: the guest's cart is gone after the first time. */
  async merge(guestToken: string, customerId: string): Promise<boolean> {
    return this.database.transaction(async () => {
      const theirs = await this.lockGuest(guestToken);
      if (!theirs) return false;
      await this.carts.delete(theirs.id);
      await this.events.publish(cartCleared({ cartId: theirs.id }));
      if (theirs.lines.length > 0) await this.moveLines(theirs, customerId);
      return true;
    });
  }

  private async moveLines(theirs: StoredCart, customerId: string): Promise<void> {
    const mine = await this.carts.open({ customerId });
    const moved = mergedLines(mine.lines, theirs.lines);
    await this.carts.putLines(mine.id, moved);
    const lines = new Set([...mine.lines, ...moved].map(({ productId }) => productId)).size;
    await this.events.publish(cartUpdated({ cartId: mine.id, customerId, lines }));
  }

  private async lockGuest(guestToken: string): Promise<StoredCart | undefined> {
    try {
      return await this.carts.lock(guest(guestToken));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return undefined;
      throw error;
    }
  }
}
