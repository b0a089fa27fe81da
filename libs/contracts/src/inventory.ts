import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id, Lat, Lng, ProductQuantity } from './shapes.js';

/** A dark store. Hours are local `HH:MM`; 00:00–24:00 is round the clock. */
export const Store = z.object({
  id: Id,
  code: z.string(),
  name: z.string(),
  lat: Lat,
  lng: Lng,
  hours: z.object({
    open: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
    close: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/),
  }),
  /** Open right now: the switch is on and the clock is within the hours. */
  open: z.boolean(),
});
/** What can be sold of a product in a store: on hand less reserved. */
export const Availability = z.object({ productId: Id, available: z.int().min(0) });
/** A line that cannot be filled. */
export const Shortage = z.object({ productId: Id, requested: z.int(), available: z.int() });

export const inventory = contract('inventory', {
  getStore: { input: z.object({ storeId: Id }), output: Store, errors: ['STORE_NOT_FOUND'], idempotent: true },
  listStores: { input: z.object({}), output: z.object({ items: z.array(Store) }), idempotent: true },
  /** One row for each product asked for; unknown ones have 0. Without a store: the most that any single store has. */
  availability: {
    input: z.object({ storeId: Id.optional(), productIds: z.array(Id).max(500) }),
    output: z.object({ items: z.array(Availability) }),
    idempotent: true,
  },
  /** The products that a store (or any store) can sell right now. */
  inStock: {
    input: z.object({ storeId: Id.optional() }),
    output: z.object({ productIds: z.array(Id) }),
    idempotent: true,
  },
});
export class InventoryApi extends api(inventory) {}

const StockLevel = z.object({ productId: Id, onHand: z.int(), reserved: z.int(), available: z.int() });
export const inventoryReserved = event({
  type: 'inventory.reserved',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: Id, storeId: Id, items: z.array(ProductQuantity) }),
});
export const inventoryRejected = event({
  type: 'inventory.rejected',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: Id, storeId: Id, shortages: z.array(Shortage) }),
});
export const inventoryReleased = event({
  type: 'inventory.released',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: Id, storeId: Id, items: z.array(ProductQuantity) }),
});
export const inventoryCommitted = event({
  type: 'inventory.committed',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: Id, storeId: Id, items: z.array(ProductQuantity) }),
});
/** Stock on hand changed (adjusted, committed, returned). Not told for mere reservations. */
export const inventoryUpdated = event({
  type: 'inventory.updated',
  version: 1,
  key: 'storeId',
  payload: z.object({ storeId: Id, items: z.array(StockLevel) }),
});
export const inventoryLowStock = event({
  type: 'inventory.low_stock',
  version: 1,
  key: 'storeId',
  payload: z.object({ storeId: Id, productId: Id, available: z.int(), threshold: z.int() }),
});
export const inventoryOutOfStock = event({
  type: 'inventory.out_of_stock',
  version: 1,
  key: 'storeId',
  payload: z.object({ storeId: Id, productId: Id }),
});
