import { InventoryApi, orderCreated } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { localClient } from '@nakku/rpc';
import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { InventoryService } from './inventory.service.js';
import { created, openStore, orderOf } from './stock.fixture.js';

let t: Harness;
let api: InventoryApi;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
  api = localClient(InventoryApi.contract, () => t.get(InventoryService), 5000); // as other domains see it
});
afterAll(() => t.close());

describe('inventory tells other domains', () => {
  it('what a store has of each product, reservations deducted, and 0 of what it does not know', async () => {
    const store = await openStore(t, [10, 3]);
    const [a, b] = store.productIds as [string, string];
    await t.deliver(orderCreated(created(orderOf(store), [{ productId: a, quantity: 4 }])));
    const unknown = newId();
    const { items } = await api.availability({ storeId: store.storeId, productIds: [b, unknown, a] });
    expect(items).toEqual([
      { productId: b, available: 3 },
      { productId: unknown, available: 0 },
      { productId: a, available: 6 },
    ]);
  });

  it('without a store, the most that any single store has: an order is never filled from two', async () => {
    const store = await openStore(t, [10]);
    const [productId] = store.productIds as [string];
    const other = await openStore(t, []);
    const { manager } = t.database;
    await manager.query(`INSERT INTO stock SELECT ?, product_id, 7, 0, 0, updated_at FROM stock WHERE product_id = ?`, [
      other.storeId,
      productId,
    ]);
    expect((await api.availability({ productIds: [productId] })).items).toEqual([{ productId, available: 10 }]);
    expect((await api.availability({ productIds: [] })).items).toEqual([]);
  });

  it('which products can be sold', async () => {
    const store = await openStore(t, [2, 0, 5]);
    const [a, empty, c] = store.productIds as [string, string, string];
    await t.deliver(orderCreated(created(orderOf(store), [{ productId: a, quantity: 2 }])));
    expect((await api.inStock({ storeId: store.storeId })).productIds).toEqual([c]);
    const anywhere = (await api.inStock({})).productIds;
    expect(anywhere).toContain(c);
    expect(anywhere).not.toContain(empty);
    expect(anywhere).not.toContain(a);
  });

  it('where a store is and whether it is open', async () => {
    const { storeId } = await openStore(t, []);
    expect(await api.getStore({ storeId })).toMatchObject({ id: storeId, lat: 12.93, lng: 77.62, open: true });
    expect((await api.listStores({})).items.map(({ id }) => id)).toContain(storeId);
    await expect(api.getStore({ storeId: newId() })).rejects.toMatchObject({ status: 404, code: 'STORE_NOT_FOUND' });
  });
});
