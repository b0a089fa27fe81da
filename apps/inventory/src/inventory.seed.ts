import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Store as StoreShape } from '@nakku/contracts';
import { Database, newId, now, seedId } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { z } from 'zod';
import { SYSTEM } from './ledger.service.js';
import { MovementRepository } from './movement.repository.js';
import type { Stock } from './stock.entity.js';
import { StockRepository } from './stock.repository.js';
import type { Store } from './store.entity.js';
import { StoreRepository } from './store.repository.js';

const Stores = z.array(StoreShape.pick({ code: true, name: true, lat: true, lng: true, hours: true }));
const Products = z.array(
  z.object({ sku: z.string(), velocity: z.enum(['fast', 'medium', 'slow']), threshold: z.int().min(0) }),
);
type Product = z.output<typeof Products>[number];

const TYPICAL = { fast: 400, medium: 150, slow: 40 };
/** SQLite and MySQL bound the number of variables of a statement. */
const CHUNK = 500;

/** The demo's stores, filled. */
@Injectable()
export class InventorySeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly stores: StoreRepository,
    private readonly stock: StockRepository,
    private readonly movements: MovementRepository,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if ((await this.stores.list('', 1)).length > 0) return;
    const stores = readSeed('stores', Stores).map(storeRow);
    const products = readSeed('products', Products);
    const rows = stores.flatMap((store) => products.map((product) => stockRow(store, product)));
    await this.database.transaction(async () => {
      await this.stores.insert(stores);
      for (let from = 0; from < rows.length; from += CHUNK) await this.fill(rows.slice(from, from + CHUNK));
    });
  }

  private async fill(rows: Stock[]): Promise<void> {
    await this.stock.insert(rows);
    await this.movements.insert(rows.map(movementRow));
  }
}

const storeRow = ({ code, name, lat, lng, hours }: z.output<typeof Stores>[number]): Store => ({
  ...{ id: seedId(`store:${code}`), code, name, lat, lng },
  ...{ opensAt: hours.open, closesAt: hours.close, switchedOn: true },
});

/** Around the typical number of its kind: between three and five quarters of it, always the same for a store and product. */
function stockRow(store: Store, { sku, velocity, threshold }: Product): Stock {
  const random = createHash('sha256').update(`${store.code}:${sku}`).digest().readUInt32BE() / 2 ** 32;
  const onHand = Math.max(threshold + 1, Math.round(TYPICAL[velocity] * (0.75 + random / 2)));
  return { storeId: store.id, productId: seedId(`product:${sku}`), onHand, reserved: 0, threshold, updatedAt: now() };
}

const movementRow = ({ storeId, productId, onHand, updatedAt }: Stock) => ({
  ...{ id: newId(), storeId, productId, type: 'seed' as const, onHandDelta: onHand, reservedDelta: 0 },
  ...{ orderId: null, reason: 'Demo data', actorId: SYSTEM, at: updatedAt },
});
