import { CartApi } from '@nakku/contracts';
import { currentContext, withContext } from '@nakku/observability';
import { Injectable, Logger } from '@nestjs/common';

/** Nobody waits longer than this, in milliseconds, for a cart while signing in. */
const PATIENCE_MS = 2000;

/** What a guest did before signing in. */
@Injectable()
export class GuestService {
  private readonly logger = new Logger(GuestService.name);

  constructor(private readonly cart: CartApi) {}

  /** Moves the guest's cart into the customer's, if the cart service can: signing in works without it. */
  async adopt(guestToken: string | undefined, customerId: string): Promise<void> {
    if (!guestToken) return;
    const context = { ...currentContext(), deadline: Date.now() + PATIENCE_MS };
    try {
      await withContext(context, () => this.cart.merge({ guestToken, customerId }));
    } catch (err) {
      this.logger.warn({ err, customerId }, 'a guest’s cart was not merged');
    }
  }
}
