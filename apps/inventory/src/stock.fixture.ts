import { newId, now } from '@nakku/database';
import { LedgerService } from './ledger.service.js';
import type { Line } from './reservation.js';
import type { Stock } from './stock.entity.js';
import { StockRepository } from './stock.repository.js';
import { StoreRepository } from './store.repository.js';

/** What the fixture needs of a harness. */
interface Providers {
  database: { transaction<T>(work: () => Promise<T>): Promise<T> };
  get<T>(type: abstract new (...args: never[]) => T): T;
}

/** A store for the specs of this domain. */
export interface TestStore {
  storeId: string;
  productIds: string[];
}

/** Opens a store that has so many pieces of each of its products, with their movements. */
export async function openStore(t: Providers, levels: readonly number[], threshold = 0): Promise<TestStore> {
  const id = newId();
  const productIds = levels.map(() => newId()).sort();
  const row = { storeId: id, onHand: 0, reserved: 0, threshold, updatedAt: now() };
  const changes = productIds.map((productId, i) => ({ productId, onHand: levels[i]!, reserved: 0 }));
  await t.database.transaction(async () => {
    const place = { lat: 12.93, lng: 77.62, opensAt: '00:00', closesAt: '24:00' };
    await t.get(StoreRepository).insert([{ id, code: `store-${id}`, name: 'Test', ...place, switchedOn: true }]);
    await t.get(StockRepository).insert(productIds.map((productId) => ({ ...row, productId })));
    await t.get(LedgerService).post(id, changes, { type: 'seed', actorId: 'system' });
  });
  return { storeId: id, productIds };
}

/** The row of a product. */
export async function stockOf(t: Providers, { storeId }: TestStore, productId: string): Promise<Stock> {
  const [row] = await t.get(StockRepository).find(storeId, [productId]);
  return row!;
}

/** The members that every event of an order has. */
export const orderOf = ({ storeId }: TestStore) => ({
  orderId: newId(),
  number: 'NK-1',
  customerId: newId(),
  storeId,
});

type Order = ReturnType<typeof orderOf>;
const money = { total: 100, currency: 'INR' };

export const created = (order: Order, lines: readonly Line[]) => ({
  ...order,
  ...money,
  cartId: newId(),
  generation: 0,
  items: lines.map((line) => ({ ...line, name: 'Milk', unitPrice: 1, lineTotal: line.quantity })),
  paymentMethod: 'cod' as const,
});
export const cancelled = (order: Order) => ({
  ...order,
  ...money,
  reason: 'CUSTOMER',
  previousStatus: 'pending' as const,
});
export const updated = (order: Order, released: readonly Line[]) => ({
  ...order,
  ...money,
  status: 'confirmed' as const,
  released: [...released],
  refundAmount: 0,
});
