import { orderConfirmed } from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { CoPurchaseRepository } from './co-purchase.repository.js';

/** The pairs of a large order say little and grow with its square: its first lines have to do. */
const LINES = 10;

@Listener('product')
export class ProductEvents {
  constructor(private readonly coPurchases: CoPurchaseRepository) {}

  @On(orderConfirmed)
  async confirmed({ data }: EventOf<typeof orderConfirmed>): Promise<void> {
    const ids = new Set(data.items.map(({ productId }) => productId));
    // In one order for everybody: two orders at once then wait for each other instead of dead-locking.
    await this.coPurchases.add([...ids].slice(0, LINES).sort());
  }
}
