import { Injectable } from '@nestjs/common';
import { inventoryLowStock, inventoryOutOfStock, inventoryUpdated } from '@nakku/contracts';
import { Database, newId, now } from '@nakku/database';
import { EventBus } from '@nakku/transport';
import type { MovementType } from './movement.entity.js';
import { MovementRepository } from './movement.repository.js';
import type { Stock } from './stock.entity.js';
import { availableOf, type Change, crossings, inProductOrder } from './stock.js';
import { StockRepository } from './stock.repository.js';

/** Why the stock changes, for the ledger. */
export interface Cause {
  type: MovementType;
  actorId: string;
  orderId?: string;
  reason?: string;
}

/** The actor of what an order's events do. */
export const SYSTEM = 'system';

/** A change that would reserve more than there is, or of a product that the store does not have. */
export class StockRefused extends Error {
  constructor(readonly productId: string) {
    super(`the stock of ${productId} does not allow this change`);
  }
}

/** The only way in which stock changes: row, movement and events together. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly database: Database,
    private readonly stock: StockRepository,
    private readonly movements: MovementRepository,
    private readonly events: EventBus,
  ) {}

  /** Applies all changes or, throwing StockRefused, none; gives the rows after them. Call it in a transaction. */
  async post(storeId: string, changes: readonly Change[], cause: Cause): Promise<Stock[]> {
    if (changes.length === 0) return [];
    const ordered = inProductOrder(changes);
    const at = now();
    await this.database.transaction(async () => {
      for (const change of ordered)
        if (!(await this.stock.apply(storeId, change, at))) throw new StockRefused(change.productId);
    });
    await this.movements.insert(ordered.map((change) => movement(storeId, change, cause, at)));
    // Read after the update: the rows are ours until the commit, so no crossing is told twice or missed.
    const rows = await this.stock.find(
      storeId,
      ordered.map(({ productId }) => productId),
    );
    await this.tell(storeId, rows, ordered);
    return rows;
  }

  private async tell(storeId: string, rows: Stock[], changes: Change[]): Promise<void> {
    if (changes.some(({ onHand }) => onHand !== 0)) {
      const items = rows.map((row) => ({ ...level(row), available: availableOf(row) }));
      await this.events.publish(inventoryUpdated({ storeId, items }));
    }
    for (const row of rows) {
      const { productId, threshold } = row;
      const { low, out } = crossings(
        row,
        changes.find((change) => change.productId === productId)!,
      );
      if (low)
        await this.events.publish(inventoryLowStock({ storeId, productId, available: availableOf(row), threshold }));
      if (out) await this.events.publish(inventoryOutOfStock({ storeId, productId }));
    }
  }
}

const level = ({ productId, onHand, reserved }: Stock) => ({ productId, onHand, reserved });

const movement = (storeId: string, { productId, onHand, reserved }: Change, cause: Cause, at: string) => ({
  id: newId(),
  storeId,
  productId,
  type: cause.type,
  onHandDelta: onHand,
  reservedDelta: reserved,
  orderId: cause.orderId ?? null,
  reason: cause.reason ?? null,
  actorId: cause.actorId,
  at,
});
