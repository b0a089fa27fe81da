import { Injectable } from '@nestjs/common';
import { InventoryApi } from '@nakku/contracts';
import { Problem } from '@nakku/rpc';
import type { Pickup } from './delivery.js';

/** Stores move so rarely that asking once in five minutes is often enough. */
const KEPT_MS = 300_000;

interface Known {
  pickup: Pickup;
  until: number;
}

/** Knows where the stores are. */
@Injectable()
export class PickupService {
  private readonly known = new Map<string, Known>();

  constructor(private readonly inventory: InventoryApi) {}

  /** The store as far as it is known here, without asking anybody. */
  peek(storeId: string): Pickup | undefined {
    return this.known.get(storeId)?.pickup;
  }

  /** Where a store is; 404 STORE_NOT_FOUND. While inventory is down, what was true the last time. */
  async get(storeId: string): Promise<Pickup> {
    const known = this.known.get(storeId);
    if (known && known.until > Date.now()) return known.pickup;
    try {
      const { name, lat, lng } = await this.inventory.getStore({ storeId });
      const pickup = { name, lat, lng };
      this.known.set(storeId, { pickup, until: Date.now() + KEPT_MS });
      return pickup;
    } catch (error) {
      if (known && error instanceof Problem && error.status === 503) return known.pickup;
      throw error;
    }
  }
}
