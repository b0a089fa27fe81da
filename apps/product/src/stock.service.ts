import { Injectable } from '@nestjs/common';
import { Cache } from '@nakku/cache';
import { InventoryApi } from '@nakku/contracts';
import { currentContext, withContext } from '@nakku/observability';

/** What can be sold right now. */
export interface Stock {
  ids: ReadonlySet<string>;
  /** Another number for every answer of inventory. */
  serial: number;
}

const KEPT_MS = 2000;
/** A failure is remembered for a moment, so that not every list waits for a peer that is down. */
const FAILURE_KEPT_MS = 500;
const PATIENCE_MS = 1000;

/** Asks inventory what is in stock, at most every two seconds for each store. */
@Injectable()
export class StockService {
  private readonly stocks = new WeakMap<string[], Stock>();
  private serial = 0;

  constructor(
    private readonly inventory: InventoryApi,
    private readonly cache: Cache,
  ) {}

  /** What a store (or any store) can sell; undefined when inventory does not answer. */
  async of(storeId: string | undefined): Promise<Stock | undefined> {
    const key = `product:in-stock:${storeId ?? 'any'}`;
    const ids = await this.cache.wrap(key, KEPT_MS, () => this.ask(key, storeId));
    return ids ? this.stock(ids) : undefined;
  }

  private async ask(key: string, storeId: string | undefined): Promise<string[] | null> {
    const context = currentContext();
    const deadline = Math.min(context.deadline ?? Infinity, Date.now() + PATIENCE_MS);
    try {
      return (await withContext({ ...context, deadline }, () => this.inventory.inStock({ storeId }))).productIds;
    } catch {
      await this.cache.set(key, null, FAILURE_KEPT_MS);
      return null;
    }
  }

  private stock(ids: string[]): Stock {
    const known = this.stocks.get(ids);
    if (known) return known;
    const stock = { ids: new Set(ids), serial: ++this.serial };
    this.stocks.set(ids, stock);
    return stock;
  }
}
