import { orderCancelled, orderCreated, orderPacked, orderUpdated } from '@nakku/contracts';
import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { Movement } from './movement.entity.js';
import { Reservation } from './reservation.entity.js';
import { cancelled, created, openStore, orderOf, stockOf, type TestStore, updated } from './stock.fixture.js';

// Two copies of the service: while partitions move from one to the other both handle the events of an order.
const ROUNDS = Array.from({ length: 12 }, (_, round) => round);

let t: Harness;
let other: Harness;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
  other = await domainHarness(InventoryModule, { beside: t });
});
afterAll(async () => {
  await other.close();
  await t.close();
});
const copy = (i: number) => (i % 2 ? t : other);

const reservationOf = (orderId: string) => t.database.manager.findOneByOrFail(Reservation, { orderId });
const told = async (type: string, { orderId }: { orderId: string }) =>
  (await t.published(type)).filter((data: { orderId: string }) => data.orderId === orderId);
const numbers = async (store: TestStore) => {
  const { onHand, reserved } = await stockOf(t, store, store.productIds[0]!);
  return { onHand, reserved };
};
const anOrder = (store: TestStore, quantity = 4) => {
  const order = orderOf(store);
  return { order, placed: created(order, [{ productId: store.productIds[0]!, quantity }]) };
};

describe('of events that are handled at the same moment', () => {
  it('placing and cancelling leave nothing reserved, whichever comes first', async () => {
    const store = await openStore(t, [100]);
    for (const _ of ROUNDS) {
      const { order, placed } = anOrder(store);
      await Promise.all([t.deliver(orderCreated(placed)), other.deliver(orderCancelled(cancelled(order)))]);
      expect(await reservationOf(order.orderId)).toMatchObject({ status: 'released' });
      expect(await told('inventory.released', order)).toHaveLength((await told('inventory.reserved', order)).length);
    }
    expect(await numbers(store)).toEqual({ onHand: 100, reserved: 0 });
  });

  it('the same one told by several has one effect', async () => {
    const store = await openStore(t, [100]);
    const { order, placed } = anOrder(store);
    const often = (event: (to: Harness) => Promise<unknown>) =>
      Promise.all(Array.from({ length: 6 }, (_, i) => event(copy(i))));
    await often((to) => to.deliver(orderCreated(placed)));
    expect(await numbers(store)).toEqual({ onHand: 100, reserved: 4 });
    await often((to) => to.deliver(orderPacked(order)));
    expect(await numbers(store)).toEqual({ onHand: 96, reserved: 0 });
    await often((to) => to.deliver(orderCancelled(cancelled(order))));
    expect(await numbers(store)).toEqual({ onHand: 100, reserved: 0 });
    for (const type of ['inventory.reserved', 'inventory.committed', 'inventory.released'])
      expect(await told(type, order)).toHaveLength(1);
  });

  it('two that give back pieces of a reservation give back no more than it holds', async () => {
    const store = await openStore(t, [100]);
    for (const _ of ROUNDS) {
      const { order, placed } = anOrder(store);
      await t.deliver(orderCreated(placed));
      const line = { productId: store.productIds[0]!, quantity: 3 };
      await Promise.all([
        t.deliver(orderUpdated(updated(order, [line]))),
        other.deliver(orderUpdated(updated(order, [line]))),
        t.deliver(orderCancelled(cancelled(order))),
      ]);
      expect((await reservationOf(order.orderId)).status).toBe('released');
    }
    expect(await numbers(store)).toEqual({ onHand: 100, reserved: 0 });
  });
});

it('orders of the same products in whatever order of lines do not stand in each other’s way', async () => {
  const store = await openStore(t, [500, 500, 500, 500]);
  const orders = Array.from({ length: 40 }, (_, i) => {
    const ids = i % 2 ? store.productIds : store.productIds.toReversed();
    return created(
      orderOf(store),
      ids.map((productId) => ({ productId, quantity: 1 })),
    );
  });
  const undone = () => [t, other].map(({ database }) => database.stats().rollbacks);
  const before = undone();
  await Promise.all(orders.map((order, i) => copy(i).deliver(orderCreated(order))));
  for (const productId of store.productIds) expect(await stockOf(t, store, productId)).toMatchObject({ reserved: 40 });
  expect(undone()).toEqual(before); // nothing of a deadlock
  expect(await t.database.manager.countBy(Movement, { storeId: store.storeId, type: 'reserve' })).toBe(160);
});
