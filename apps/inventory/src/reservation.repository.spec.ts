import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { InventoryModule } from './inventory.module.js';
import { ReservationRepository } from './reservation.repository.js';

let t: Harness;
let reservations: ReservationRepository;
beforeAll(async () => {
  t = await domainHarness(InventoryModule);
  reservations = t.get(ReservationRepository);
});
afterAll(() => t.close());

const open = async () => {
  const row = { orderId: newId(), storeId: newId(), status: 'reserved', items: [] } as const;
  expect(await reservations.open({ ...row, items: [] })).toBe(true);
  return (await reservations.find(row.orderId))!;
};

describe('a reservation', () => {
  it('is opened once for an order', async () => {
    const { orderId, storeId } = await open();
    expect(await reservations.open({ orderId, storeId, status: 'released', items: [] })).toBe(false);
    expect((await reservations.find(orderId))!.status).toBe('reserved');
  });

  it('is changed by only one of two who have read it at once', async () => {
    const read = await open();
    await reservations.change(read, { status: 'committed' });
    await expect(reservations.change(read, { status: 'released' })).rejects.toThrow('changed by somebody else');
    expect(await reservations.find(read.orderId)).toMatchObject({ status: 'committed', version: 2 });
  });
});
