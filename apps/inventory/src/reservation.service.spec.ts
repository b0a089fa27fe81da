import { orderCancelled, orderCreated, orderPacked, orderUpdated } from '@nakku/contracts';
import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { Reservation } from './reservation.entity.js';
import { cancelled, created, openStore, orderOf, stockOf, type TestStore, updated } from './stock.fixture.js';

let t: Harness;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
});
afterAll(() => t.close());

const line = (store: TestStore, product: number, quantity: number) => ({
  productId: store.productIds[product]!,
  quantity,
});
const levels = async (store: TestStore) =>
  Promise.all(store.productIds.map(async (id) => pair(await stockOf(t, store, id))));
const pair = ({ onHand, reserved }: { onHand: number; reserved: number }) => [onHand, reserved];
/** What was told of an order. */
const told = async (type: string, { orderId }: { orderId: string }) =>
  (await t.published(type)).filter((data: { orderId: string }) => data.orderId === orderId);
const statusOf = async (orderId: string) => (await t.database.manager.findOneByOrFail(Reservation, { orderId })).status;

describe('an order', () => {
  it('reserves all its lines, those of one product together', async () => {
    const store = await openStore(t, [10, 10]);
    const order = orderOf(store);
    const lines = [line(store, 1, 3), line(store, 0, 2), line(store, 1, 4)];
    await t.deliver(orderCreated(created(order, lines)));
    expect(await levels(store)).toEqual([
      [10, 2],
      [10, 7],
    ]);
    expect(await told('inventory.reserved', order)).toEqual([
      { orderId: order.orderId, storeId: store.storeId, items: lines },
    ]);
  });

  it('reserves nothing when a single line is short, and tells which', async () => {
    const store = await openStore(t, [10, 10, 2]);
    const order = orderOf(store);
    const lines = [line(store, 0, 2), line(store, 1, 11), line(store, 2, 3)];
    await t.deliver(orderCreated(created(order, lines)));
    expect(await levels(store)).toEqual([
      [10, 0],
      [10, 0],
      [2, 0],
    ]);
    const shortages = [
      { productId: store.productIds[1], requested: 11, available: 10 },
      { productId: store.productIds[2], requested: 3, available: 2 },
    ];
    expect(await told('inventory.rejected', order)).toEqual([
      { orderId: order.orderId, storeId: store.storeId, shortages },
    ]);
    expect(await told('inventory.reserved', order)).toEqual([]);
    expect(await statusOf(order.orderId)).toBe('rejected');
  });

  it('adds up the lines of a product before it looks whether there is enough', async () => {
    const store = await openStore(t, [5]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(store, 0, 3), line(store, 0, 3)])));
    expect(await told('inventory.rejected', order)).toMatchObject([{ shortages: [{ requested: 6, available: 5 }] }]);
  });

  it('that asks for a product or store that is not known is rejected', async () => {
    const store = await openStore(t, [5]);
    const elsewhere = await openStore(t, [5]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(elsewhere, 0, 1)])));
    expect(await told('inventory.rejected', order)).toMatchObject([{ shortages: [{ requested: 1, available: 0 }] }]);
  });

  it('reserves once, however often and under whichever event id it is told', async () => {
    const store = await openStore(t, [10]);
    const order = orderOf(store);
    const data = created(order, [line(store, 0, 4)]);
    const envelope = await t.deliver(orderCreated(data));
    await t.deliver(envelope);
    await t.deliver(orderCreated(data));
    expect(await levels(store)).toEqual([[10, 4]]);
    expect(await told('inventory.reserved', order)).toHaveLength(1);
  });
});

describe('a cancelled order', () => {
  it('gives back what it holds, once', async () => {
    const store = await openStore(t, [10, 10]);
    const order = orderOf(store);
    const lines = [line(store, 0, 4), line(store, 1, 10)];
    await t.deliver(orderCreated(created(order, lines)));
    await t.deliver(orderCancelled(cancelled(order)));
    await t.deliver(orderCancelled(cancelled(order)));
    expect(await levels(store)).toEqual([
      [10, 0],
      [10, 0],
    ]);
    expect(await told('inventory.released', order)).toEqual([
      { orderId: order.orderId, storeId: store.storeId, items: lines },
    ]);
  });

  it('that was packed puts its goods back on the shelf', async () => {
    const store = await openStore(t, [10]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(store, 0, 4)])));
    await t.deliver(orderPacked(order));
    expect(await levels(store)).toEqual([[6, 0]]);
    await t.deliver(orderCancelled(cancelled(order)));
    await t.deliver(orderCancelled(cancelled(order)));
    expect(await levels(store)).toEqual([[10, 0]]);
    expect(await statusOf(order.orderId)).toBe('returned');
    expect(await told('inventory.released', order)).toHaveLength(1);
  });

  it('that was not known yet never reserves anything, and nothing is told of it', async () => {
    const store = await openStore(t, [10]);
    const order = orderOf(store);
    const before = (await t.published()).length;
    await t.deliver(orderCancelled(cancelled(order)));
    await t.deliver(orderCreated(created(order, [line(store, 0, 4)])));
    expect(await levels(store)).toEqual([[10, 0]]);
    expect(await t.published()).toHaveLength(before);
  });

  it('that was rejected gives nothing back', async () => {
    const store = await openStore(t, [1]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(store, 0, 4)])));
    await t.deliver(orderCancelled(cancelled(order)));
    expect(await levels(store)).toEqual([[1, 0]]);
    expect(await told('inventory.released', order)).toEqual([]);
  });
});

describe('a packed order', () => {
  it('takes its goods off the shelf, once', async () => {
    const store = await openStore(t, [10]);
    const order = orderOf(store);
    const item = line(store, 0, 4);
    await t.deliver(orderCreated(created(order, [item])));
    await t.deliver(orderPacked(order));
    await t.deliver(orderPacked(order));
    expect(await levels(store)).toEqual([[6, 0]]);
    expect(await told('inventory.committed', order)).toMatchObject([{ orderId: order.orderId, items: [item] }]);
    const level = { productId: item.productId, onHand: 6, reserved: 0, available: 6 };
    expect((await t.published('inventory.updated')).at(-1)).toEqual({ storeId: store.storeId, items: [level] });
  });

  it('without a reservation is an error, so that the event is not lost silently', async () => {
    const store = await openStore(t, [10]);
    await expect(t.deliver(orderPacked(orderOf(store)))).rejects.toThrow('nothing was reserved');
  });
});

describe('an order whose lines get fewer', () => {
  it('gives back those pieces, and packs only the rest', async () => {
    const store = await openStore(t, [10, 10]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(store, 0, 4), line(store, 1, 2)])));
    await t.deliver(orderUpdated(updated(order, [line(store, 0, 3), line(store, 1, 2)])));
    expect(await levels(store)).toEqual([
      [10, 1],
      [10, 0],
    ]);
    expect(await told('inventory.released', order)).toMatchObject([{ items: [line(store, 0, 3), line(store, 1, 2)] }]);
    await t.deliver(orderPacked(order));
    expect(await levels(store)).toEqual([
      [9, 0],
      [10, 0],
    ]);
  });

  it('never gives back more than it holds, nor anything once it is packed or cancelled', async () => {
    const store = await openStore(t, [10]);
    const order = orderOf(store);
    await t.deliver(orderCreated(created(order, [line(store, 0, 4)])));
    await t.deliver(orderUpdated(updated(order, [line(store, 0, 50)])));
    await t.deliver(orderUpdated(updated(order, [line(store, 0, 1)])));
    await t.deliver(orderCancelled(cancelled(order)));
    await t.deliver(orderUpdated(updated(order, [line(store, 0, 1)])));
    expect(await levels(store)).toEqual([[10, 0]]);
  });
});
