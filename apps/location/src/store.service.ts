import { Injectable } from '@nestjs/common';
import { Cache } from '@nakku/cache';
import { InventoryApi } from '@nakku/contracts';
import { type Output, Problem } from '@nakku/rpc';

const KEPT_MS = 2000;

export type Store = Output<InventoryApi, 'getStore'>;

/** What inventory says of a store; for two seconds its word is taken without asking again. */
@Injectable()
export class StoreService {
  constructor(
    private readonly cache: Cache,
    private readonly inventory: InventoryApi,
  ) {}

  /** 404 `STORE_NOT_FOUND`, 503 while inventory does not answer. */
  get(storeId: string): Promise<Store> {
    return this.cache.wrap(`location:store:${storeId}`, KEPT_MS, () => this.inventory.getStore({ storeId }));
  }

  /** The store, if it sells at this moment. */
  async open(storeId: string): Promise<Store | undefined> {
    try {
      const store = await this.get(storeId);
      return store.open ? store : undefined;
    } catch (error) {
      if (error instanceof Problem && error.code === 'STORE_NOT_FOUND') return undefined;
      throw error;
    }
  }
}
