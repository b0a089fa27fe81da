import { seedId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { InventorySeed } from './inventory.seed.js';
import { Movement } from './movement.entity.js';
import { Stock } from './stock.entity.js';

let t: Harness;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
  await t.get(InventorySeed).seed();
});
afterAll(() => t.close());

describe('the demo', () => {
  it('has three stores that are open round the clock', async () => {
    const { items } = (await t.http.get('/api/v1/inventory/stores')).body;
    expect(items).toHaveLength(3);
    expect(items[2]).toMatchObject({ id: seedId('store:koramangala'), code: 'koramangala', open: true });
  });

  it('has every product in every store, above its threshold, and in the ledger', async () => {
    const rows = await t.database.manager.find(Stock);
    const stores = new Map<string, number>();
    for (const { storeId } of rows) stores.set(storeId, (stores.get(storeId) ?? 0) + 1);
    expect([...stores.values()]).toEqual([rows.length / 3, rows.length / 3, rows.length / 3]);
    expect(rows.length / 3).toBeGreaterThanOrEqual(300);
    expect(rows.filter(({ onHand, threshold }) => onHand <= threshold)).toEqual([]);
    const movements = await t.database.manager.find(Movement);
    const seeded = new Map(movements.map(({ storeId, productId, onHandDelta }) => [storeId + productId, onHandDelta]));
    expect(movements).toHaveLength(rows.length);
    expect(rows.every(({ storeId, productId, onHand }) => seeded.get(storeId + productId) === onHand)).toBe(true);
  });

  it('is silent, and changes nothing the second time', async () => {
    const before = await t.database.manager.find(Stock, { order: { storeId: 'ASC', productId: 'ASC' } });
    await t.get(InventorySeed).seed();
    expect(await t.database.manager.find(Stock, { order: { storeId: 'ASC', productId: 'ASC' } })).toEqual(before);
    expect(await t.database.manager.count(Movement)).toBe(before.length);
    expect(await t.published()).toEqual([]);
  });
});
