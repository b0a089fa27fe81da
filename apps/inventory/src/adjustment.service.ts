import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { Idempotency, unprocessable } from '@nakku/rpc';
import { LedgerService, StockRefused } from './ledger.service.js';
import { ShelfService } from './shelf.service.js';
import type { NewAdjustment } from './stock.dto.js';
import { requireStore } from './store.js';
import { MAX_ON_HAND, type StockLevel, stockView } from './stock.js';
import { StockRepository } from './stock.repository.js';

/** Corrections by hand: deliveries, breakage, counting. */
@Injectable()
export class AdjustmentService {
  constructor(
    private readonly database: Database,
    private readonly shelf: ShelfService,
    private readonly stock: StockRepository,
    private readonly ledger: LedgerService,
    private readonly idempotency: Idempotency,
  ) {}

  async adjust(actor: Actor, { storeId, productId, delta, reason }: NewAdjustment): Promise<StockLevel> {
    requireStore(actor, storeId);
    const shelf = await this.shelf.missing(storeId, productId, delta);
    return this.database.transaction(async () => {
      if (shelf) await this.stock.insert([shelf]);
      const changes = [{ productId, onHand: delta, reserved: 0 }];
      const rows = await this.ledger
        .post(storeId, changes, { type: 'adjust', actorId: actor.id, reason })
        .catch(refuse);
      const view = stockView(rows[0]!);
      if (view.onHand > MAX_ON_HAND) throw tooMuch();
      await this.idempotency.complete(201, view);
      return view;
    });
  }
}

const tooMuch = () => unprocessable('STOCK_TOO_LARGE', `A store holds at most ${MAX_ON_HAND} pieces of a product.`);

function refuse(error: unknown): never {
  if (!(error instanceof StockRefused)) throw error;
  throw unprocessable(
    'STOCK_BELOW_RESERVED',
    'Fewer would be left than orders have reserved: cancel orders first, or take fewer away.',
  );
}
