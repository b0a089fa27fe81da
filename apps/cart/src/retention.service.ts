import { Injectable, type OnModuleInit } from '@nestjs/common';
import { cartCleared } from '@nakku/contracts';
import { Database } from '@nakku/database';
import { Periodic } from '@nakku/runtime';
import { EventBus } from '@nakku/transport';
import { CartSettings } from './cart.config.js';
import { CartRepository } from './cart.repository.js';
import { CheckoutRepository } from './checkout.repository.js';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const CHECKOUTS_KEPT_DAYS = 30;
const BATCH = 500;

/** Deletes carts that nobody needs any more. */
@Injectable()
export class RetentionService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly carts: CartRepository,
    private readonly checkouts: CheckoutRepository,
    private readonly events: EventBus,
    private readonly periodic: Periodic,
    private readonly settings: CartSettings,
  ) {}

  onModuleInit(): void {
    this.periodic.every(HOUR_MS, 'idle guest carts', () => this.sweep());
  }

  /** Deletes the carts of guests who have stayed away, in short transactions. */
  async sweep(): Promise<void> {
    const idleSince = daysAgo(this.settings.CART_GUEST_DAYS);
    while ((await this.database.transaction(() => this.carts.deleteIdleGuests(idleSince, BATCH))) === BATCH);
    await this.checkouts.forget(daysAgo(CHECKOUTS_KEPT_DAYS));
  }

  /** Deletes the cart of a customer who has left. */
  async forget(customerId: string): Promise<void> {
    await this.database.transaction(async () => {
      const cart = await this.carts.lock({ customerId });
      if (!cart) return;
      await this.carts.delete(cart.id);
      await this.events.publish(cartCleared({ cartId: cart.id, customerId }));
    });
  }
}

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
