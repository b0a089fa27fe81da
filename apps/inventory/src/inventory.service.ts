import { Injectable } from '@nestjs/common';
import type { InventoryApi } from '@nakku/contracts';
import type { Input, Output } from '@nakku/rpc';
import { StockRepository } from './stock.repository.js';
import { StoreService } from './store.service.js';

/** What inventory does for other domains: it tells; stock is changed by orders' events and by staff alone. */
@Injectable()
export class InventoryService implements InventoryApi {
  constructor(
    private readonly stores: StoreService,
    private readonly stock: StockRepository,
  ) {}

  getStore({ storeId }: Input<InventoryApi, 'getStore'>): Promise<Output<InventoryApi, 'getStore'>> {
    return this.stores.get(storeId);
  }

  async listStores(): Promise<Output<InventoryApi, 'listStores'>> {
    return { items: await this.stores.all() };
  }

  async availability({
    storeId,
    productIds,
  }: Input<InventoryApi, 'availability'>): Promise<Output<InventoryApi, 'availability'>> {
    const found = await this.stock.availability(productIds, storeId);
    return { items: productIds.map((productId) => ({ productId, available: found.get(productId) ?? 0 })) };
  }

  async inStock({ storeId }: Input<InventoryApi, 'inStock'>): Promise<Output<InventoryApi, 'inStock'>> {
    return { productIds: await this.stock.inStock(storeId) };
  }
}
