import { Injectable } from '@nestjs/common';
import { ProductApi } from '@nakku/contracts';
import { now } from '@nakku/database';
import { notFound } from '@nakku/rpc';
import { InventorySettings } from './inventory.config.js';
import type { Stock } from './stock.entity.js';
import { StockRepository } from './stock.repository.js';
import { StoreService } from './store.service.js';

/** Makes room for products that a store has not had before. */
@Injectable()
export class ShelfService {
  constructor(
    private readonly stock: StockRepository,
    private readonly stores: StoreService,
    private readonly products: ProductApi,
    private readonly settings: InventorySettings,
  ) {}

  /** The empty row that the store still needs for the product; undefined when it has one. Asks the catalogue: not for use in a transaction. */
  async missing(storeId: string, productId: string, delta: number): Promise<Stock | undefined> {
    if (await this.stock.exists(storeId, productId)) return undefined;
    await this.stores.get(storeId);
    if (delta < 0 || !(await this.isSold(productId))) throw notFound('product');
    const threshold = this.settings.INVENTORY_LOW_STOCK;
    return { storeId, productId, onHand: 0, reserved: 0, threshold, updatedAt: now() };
  }

  private async isSold(productId: string): Promise<boolean> {
    const { items } = await this.products.getMany({ ids: [productId] });
    return items.some(({ active }) => active);
  }
}
