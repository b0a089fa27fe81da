import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CancellingService } from './cancelling.service.js';
import { OrderModule } from './order.module.js';
import { tellsOf, TestTown } from './town.fixture.js';

let t: Harness;
let town: TestTown;

beforeEach(async () => {
  town = new TestTown();
  t = await domainHarness(OrderModule, {
    fakes: [fake(UserApi, town.users), fake(LocationApi, town.locations), fake(CartApi, town.cart)],
    env: { ORDER_TIMEOUT_MS: '60000' },
  });
});
afterEach(() => t.close());

async function place() {
  const as = t.actor('customer');
  const body = { addressId: town.addressId, paymentMethod: 'cod' };
  const answer = await t.http.post('/api/v1/orders', { as, body, headers: { 'idempotency-key': newId() } });
  const id = answer.body.id as string;
  return { id, tells: tellsOf(id, as.id, town.storeId) };
}
const show = async (id: string) => (await t.http.get(`/api/v1/orders/${id}`, { as: t.actor('admin') })).body;
const timeline = async (id: string) =>
  (await t.http.get(`/api/v1/orders/${id}/timeline`, { as: t.actor('admin') })).body.items;

describe('the timer', () => {
  const age = (id: string, ms: number) =>
    t.database.manager.query('UPDATE orders SET placed_at = ? WHERE id = ?', [
      new Date(Date.now() - ms).toISOString(),
      id,
    ]);
  const run = () => t.get(CancellingService).cancelOverdue();

  it('gives up an order that was pending too long, also when it waits for the payment', async () => {
    const [fresh, old, paying] = [await place(), await place(), await place()];
    await t.deliver(paying.tells.reserved());
    for (const { id } of [old, paying]) await age(id, 61_000);
    await age(fresh.id, 50_000);
    await run();
    expect(await show(old.id)).toMatchObject({ status: 'cancelled', cancelReason: 'TIMEOUT' });
    expect(await show(paying.id)).toMatchObject({ status: 'cancelled', cancelReason: 'TIMEOUT' });
    expect(await show(fresh.id)).toMatchObject({ status: 'pending' });
    expect((await timeline(old.id)).at(-1)).toMatchObject({ actor: 'system', detail: { reason: 'TIMEOUT' } });
  });

  it('does it once when two processes look at the same time', async () => {
    await age((await place()).id, 61_000);
    await Promise.all([run(), run(), run()]);
    expect(await t.published('order.cancelled')).toHaveLength(1);
  });

  it('leaves alone what was confirmed, however old', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await age(id, 86_400_000);
    await run();
    expect(await show(id)).toMatchObject({ status: 'confirmed' });
  });
});
