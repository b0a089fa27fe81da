import { Injectable } from '@nestjs/common';
import { type CartApi, cartCleared, cartUpdated } from '@nakku/contracts';
import { Database } from '@nakku/database';
import type { Input } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { withoutOrdered } from './cart.js';
import { CartRepository } from './cart.repository.js';
import { CheckoutRepository } from './checkout.repository.js';

/** `done`: by this call or an earlier one. `taken`: the generation went to another order. `gone`: there is no such cart any more. */
export type CheckoutOutcome = 'done' | 'taken' | 'gone';

/** Takes out of a cart what was ordered. */
@Injectable()
export class CheckoutService {
  constructor(
    private readonly database: Database,
    private readonly carts: CartRepository,
    private readonly checkouts: CheckoutRepository,
    private readonly events: EventBus,
  ) {}

  /** Once for each order, and for one order of each generation. */
  checkout(input: Input<CartApi, 'checkout'>): Promise<CheckoutOutcome> {
    const { cartId, generation, orderId } = input;
    return this.database.transaction(async () => {
      if (!(await this.carts.nextGeneration(cartId, generation))) return this.outcomeOf(orderId, cartId);
      await this.checkouts.record(orderId, cartId, generation);
      await this.takeOut(input);
      return 'done';
    });
  }

  private async outcomeOf(orderId: string, cartId: string): Promise<CheckoutOutcome> {
    if (await this.checkouts.isCheckedOut(orderId)) return 'done';
    return (await this.carts.byId(cartId)) ? 'taken' : 'gone';
  }

  private async takeOut({ cartId, orderId, items }: Input<CartApi, 'checkout'>): Promise<void> {
    const cart = await this.carts.byId(cartId);
    if (!cart) return;
    const { reduced, removed } = withoutOrdered(cart.lines, items);
    await this.carts.putLines(cartId, reduced);
    await this.carts.removeLines(cartId, removed);
    const { customerId } = cart;
    const lines = cart.lines.length - removed.length;
    if (lines === 0) await this.events.publish(cartCleared({ cartId, customerId, orderId }));
    else await this.events.publish(cartUpdated({ cartId, customerId, lines }));
  }
}
