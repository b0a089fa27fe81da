import { orderCancelled, orderCreated, orderPacked, orderUpdated } from '@nakku/contracts';
import { domainHarness, type Harness } from '@nakku/testing';
import { AdjustmentService } from './adjustment.service.js';
import { InventoryModule } from './inventory.module.js';
import { LedgerService } from './ledger.service.js';
import { Movement } from './movement.entity.js';
import { cancelled, created, openStore, orderOf, stockOf, type TestStore, updated } from './stock.fixture.js';

let t: Harness;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
});
afterAll(() => t.close());

/** What was told of a store. */
const told = async (type: string, { storeId }: TestStore) =>
  (await t.published(type)).filter((data: { storeId: string }) => data.storeId === storeId);

/** The sum of a row's movements. */
async function ledgered({ storeId }: TestStore, productId: string): Promise<{ onHand: number; reserved: number }> {
  const movements = await t.database.manager.findBy(Movement, { storeId, productId });
  const sum = (of: (movement: Movement) => number) => movements.reduce((total, movement) => total + of(movement), 0);
  return { onHand: sum(({ onHandDelta }) => onHandDelta), reserved: sum(({ reservedDelta }) => reservedDelta) };
}

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

describe('stock', () => {
  it('is never oversold: of a hundred orders at once for twenty pieces exactly twenty get one', async () => {
    const store = await openStore(t, [20]);
    const [productId] = store.productIds as [string];
    const orders = Array.from({ length: 100 }, () => created(orderOf(store), [{ productId, quantity: 1 }]));
    await Promise.all(orders.map((order) => t.deliver(orderCreated(order))));
    expect(await told('inventory.reserved', store)).toHaveLength(20);
    expect(await told('inventory.rejected', store)).toHaveLength(80);
    expect(await stockOf(t, store, productId)).toMatchObject({ onHand: 20, reserved: 20 });
    expect(await told('inventory.out_of_stock', store)).toHaveLength(1);
  });

  it.each([1, 2, 3])('is the sum of its movements after all sorts of work at once (%i)', async (seed) => {
    const roll = dice(seed);
    const store = await openStore(t, [30, 40, 50, 5]);
    const admin = t.actor('admin');
    const anyLine = () => ({ productId: store.productIds[roll(4)]!, quantity: 1 + roll(6) });
    const adjust = () => {
      const change = { ...anyLine(), delta: roll(2) ? 1 + roll(9) : -1 - roll(9), reason: 'counted' };
      const { productId, delta, reason } = change;
      return t.get(AdjustmentService).adjust(admin, { storeId: store.storeId, productId, delta, reason });
    };
    const life = async (order: ReturnType<typeof orderOf>, lines: ReturnType<typeof anyLine>[], fate: number) => {
      await t.deliver(orderCreated(created(order, lines)));
      if (fate % 2) await t.deliver(orderUpdated(updated(order, [anyLine()])));
      if (fate > 1) await t.deliver(orderPacked(order));
      if (fate < 4) await t.deliver(orderCancelled(cancelled(order)));
    };
    const work = Array.from({ length: 120 }, () => {
      if (roll(4) === 0) return adjust();
      return life(orderOf(store), [anyLine(), anyLine(), anyLine()], roll(6));
    });
    const results = await Promise.allSettled(work);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(60);
    for (const productId of store.productIds) {
      const { onHand, reserved } = await stockOf(t, store, productId);
      expect(await ledgered(store, productId)).toEqual({ onHand, reserved });
      expect(reserved).toBeGreaterThanOrEqual(0);
      expect(onHand).toBeGreaterThanOrEqual(reserved);
    }
  });

  it('tells once that it is low and once that it is out, and again only after it was refilled', async () => {
    const store = await openStore(t, [8], 5);
    const [productId] = store.productIds as [string];
    const { storeId } = store;
    const admin = t.actor('admin');
    const adjust = (delta: number) =>
      t.get(AdjustmentService).adjust(admin, { storeId, productId, delta, reason: 'counted' });
    for (const delta of [-2, -1, -1, -4, +8, -3]) await adjust(delta);
    expect(await told('inventory.low_stock', store)).toEqual([
      { storeId, productId, available: 5, threshold: 5 },
      { storeId, productId, available: 5, threshold: 5 },
    ]);
    expect(await told('inventory.out_of_stock', store)).toEqual([{ storeId, productId }]);
  });

  it('is changed whole or not at all, and without a movement or an event when it is not', async () => {
    const store = await openStore(t, [5, 5]);
    const [a, b] = store.productIds as [string, string];
    const before = [await t.database.manager.count(Movement), (await t.published()).length];
    const changes = [
      { productId: a, onHand: -5, reserved: 0 },
      { productId: b, onHand: -6, reserved: 0 },
    ];
    const post = () => t.get(LedgerService).post(store.storeId, changes, { type: 'transfer', actorId: 'system' });
    await expect(t.database.transaction(post)).rejects.toMatchObject({ productId: b });
    expect(await stockOf(t, store, a)).toMatchObject({ onHand: 5, reserved: 0 });
    expect([await t.database.manager.count(Movement), (await t.published()).length]).toEqual(before);
  });

  it('is not released twice over: a reservation cannot fall below nothing', async () => {
    const store = await openStore(t, [5]);
    const [productId] = store.productIds as [string];
    const changes = [{ productId, onHand: 0, reserved: -1 }];
    const post = () => t.get(LedgerService).post(store.storeId, changes, { type: 'release', actorId: 'system' });
    await expect(t.database.transaction(post)).rejects.toThrow('does not allow');
  });
});
