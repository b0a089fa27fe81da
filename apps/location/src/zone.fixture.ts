import type { InventoryApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { notFound, unavailable } from '@nakku/rpc';
import type { Polygon } from './polygon.js';

/** The stores of other domains' telling, for the specs of this one. */
export class TestStores {
  private readonly known = new Map<string, boolean>();
  isDown = false;
  calls = 0;

  /** A store in the middle of Koramangala; its id. */
  add(id = newId(), open = true): string {
    this.known.set(id, open);
    return id;
  }

  readonly api: Pick<InventoryApi, 'getStore'> = {
    getStore: async ({ storeId }) => {
      this.calls++;
      if (this.isDown) throw unavailable('inventory is not answering.');
      const open = this.known.get(storeId);
      if (open === undefined) throw notFound('store');
      const place = { lat: 12.9346, lng: 77.6296, hours: { open: '00:00', close: '24:00' } };
      return { id: storeId, code: 'test', name: 'Test', ...place, open };
    },
  };
}

/** A square with its south-western corner there, and sides of so many degrees. */
export const box = (lng: number, lat: number, size = 0.02): Polygon => ({
  type: 'Polygon',
  coordinates: [
    [
      [lng, lat],
      [lng + size, lat],
      [lng + size, lat + size],
      [lng, lat + size],
      [lng, lat],
    ],
  ],
});
