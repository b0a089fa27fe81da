import { Injectable, Logger } from '@nestjs/common';
import { InventoryApi, ProductApi } from '@nakku/contracts';
import { Problem } from '@nakku/rpc';
import type { Market } from './cart.js';

/** Looks up what products cost and how many there are. Nothing is kept: a price is never older than the request. */
@Injectable()
export class MarketService {
  private readonly logger = new Logger(MarketService.name);

  constructor(
    private readonly products: ProductApi,
    private readonly inventory: InventoryApi,
  ) {}

  /** The products as they are now, with their stock in the store (without one: in the store that has most). */
  async look(productIds: readonly string[], storeId?: string): Promise<Market> {
    const ids = [...new Set(productIds)];
    if (ids.length === 0) return { products: new Map(), stock: new Map() };
    const [{ items }, stock] = await Promise.all([this.products.getMany({ ids }), this.stockOf(ids, storeId)]);
    return { products: new Map(items.map((product) => [product.id, product])), ...(stock ? { stock } : {}) };
  }

  /** A cart without its stock is still of use; what is short comes out when the order is reserved. */
  private async stockOf(productIds: string[], storeId?: string): Promise<Map<string, number> | undefined> {
    try {
      const { items } = await this.inventory.availability({ productIds, ...(storeId ? { storeId } : {}) });
      return new Map(items.map(({ productId, available }) => [productId, available]));
    } catch (err) {
      if (!(err instanceof Problem && err.status >= 500)) throw err;
      this.logger.warn({ err }, 'the stock is not known');
      return undefined;
    }
  }
}
