import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CancellingService } from './cancelling.service.js';
import { OrderModule } from './order.module.js';
import { OrderRepository } from './order.repository.js';
import { StreamService } from './stream.service.js';
import { tellsOf, TestTown } from './town.fixture.js';
import { OrderUpdate } from './update.entity.js';

// Two copies of the service, and what they do with one order at the same moment.
const ROUNDS = Array.from({ length: 8 }, (_, round) => round);

let copies: [Harness, Harness];
let town: TestTown;
beforeAll(async () => {
  town = new TestTown();
  const fakes = [fake(UserApi, town.users), fake(LocationApi, town.locations), fake(CartApi, town.cart)];
  const options = { fakes, env: { ORDER_TIMEOUT_MS: '60000', ORDER_STREAM_POLL_MS: '20' } };
  const first = await domainHarness(OrderModule, options);
  copies = [first, await domainHarness(OrderModule, { ...options, beside: first })];
});
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  for (const copy of copies.toReversed()) await copy.close();
});

const customerOf = () => copies[0].actor('customer');
const post = (copy: Harness, as: ReturnType<typeof customerOf>, key = newId()) =>
  copy.http.post('/api/v1/orders', {
    as,
    body: { addressId: town.addressId, paymentMethod: 'cod' },
    headers: { 'idempotency-key': key },
  });
async function place(as = customerOf()) {
  town.fill(as.id);
  const id = (await post(copies[0], as)).body.id as string;
  return { id, customer: as, tells: tellsOf(id, as.id, town.storeId) };
}
const told = async (type: string, orderId: string) =>
  (await copies[0].published(type)).filter((data: { orderId: string }) => data.orderId === orderId);
const show = (id: string) => copies[0].get(OrderRepository).find(id);
const updatesOf = (orderId: string) =>
  copies[0].database.manager.find(OrderUpdate, { where: { orderId }, order: { seq: 'ASC' } });
/** Each fact by both copies, under an event id of its own. */
const byBoth = (...facts: (() => Parameters<Harness['deliver']>[0])[]) =>
  Promise.all(facts.flatMap((fact) => copies.map((copy) => copy.deliver(fact()))));

describe('two copies', () => {
  it('make one order of one cart, whichever of them is asked', async () => {
    for (const _ of ROUNDS) {
      const customer = customerOf();
      town.fill(customer.id);
      const answers = await Promise.all(Array.from({ length: 6 }, (_each, i) => post(copies[i % 2]!, customer)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(await copies[0].get(OrderRepository).list({ customerId: customer.id }, 10)).toHaveLength(1);
    }
  });

  it('make one order of one Idempotency-Key', async () => {
    const customer = customerOf();
    town.fill(customer.id);
    const answers = await Promise.all([0, 1, 0, 1].map((i) => post(copies[i]!, customer, 'the-same')));
    const ids = answers.filter(({ status }) => status === 201).map(({ body }) => body.id as string);
    expect(new Set(ids).size).toBe(1);
    expect(await post(copies[1], customer, 'the-same')).toMatchObject({
      body: { id: ids[0] },
      headers: { 'idempotency-replayed': 'true' },
    });
  });

  it('take each step of the saga once, though both are told of it', async () => {
    for (const _ of ROUNDS) {
      const { id, tells } = await place();
      await byBoth(tells.reserved);
      await byBoth(tells.paid, tells.declined);
      const { status } = (await show(id))!;
      expect(['confirmed', 'cancelled']).toContain(status);
      expect(await told('order.payment_requested', id)).toHaveLength(1);
      expect(await told('order.confirmed', id)).toHaveLength(status === 'confirmed' ? 1 : 0);
      expect(await told('order.cancelled', id)).toHaveLength(status === 'cancelled' ? 1 : 0);
    }
  });

  it('cancel an overdue order once, and not one that was paid at that moment', async () => {
    for (const _ of ROUNDS) {
      const { id, tells } = await place();
      const past = new Date(Date.now() - 61_000).toISOString();
      await copies[0].database.manager.query('UPDATE orders SET placed_at = ? WHERE id = ?', [past, id]);
      const sweeps = copies.map((copy) => copy.get(CancellingService).cancelOverdue());
      await Promise.all([...sweeps, copies[1].deliver(tells.paid())]);
      const outcomes = [...(await told('order.confirmed', id)), ...(await told('order.cancelled', id))];
      expect(outcomes).toHaveLength(1);
      expect((await show(id))!.status).toBe('reason' in outcomes[0] ? 'cancelled' : 'confirmed');
    }
  });

  it('number what they tell of an order without a gap and in the order of its states', async () => {
    const { id, tells } = await place();
    await copies[0].deliver(tells.paid());
    await byBoth(...ROUNDS.map(() => tells.assigned));
    const updates = await updatesOf(id);
    expect(updates.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 + 2 * ROUNDS.length }, (_, i) => i + 1));
    expect((await show(id))!.version).toBe(updates.length);
  });

  it('leave nothing out of a stream, whichever of them has written it', async () => {
    const { id, customer, tells } = await place();
    await copies[0].deliver(tells.paid());
    const stream = (await copies[0].get(StreamService).follow({ id, customerId: customer.id }))!;
    const seen: number[] = [];
    const reading = (async () => {
      for await (const text of stream.events) seen.push(Number(/^id: (\d+)/.exec(text as string)?.[1]));
    })();
    for (const _ of ROUNDS) await byBoth(tells.assigned, () => tells.failed({ pickedUp: false, final: false }));
    await copies[1].http.post(`/api/v1/orders/${id}/pack`, { as: copies[1].actor('admin') });
    await copies[1].deliver(tells.completed());
    await reading;
    const updates = await updatesOf(id);
    expect(updates).toHaveLength(4 + 4 * ROUNDS.length);
    expect(seen.filter((seq) => !Number.isNaN(seq))).toEqual(updates.slice(1).map(({ seq }) => seq));
  });
});

it('an order takes another number when its own is taken', async () => {
  const { id } = await place();
  const { number } = (await show(id))!;
  const orders = copies[0].get(OrderRepository);
  const real = orders.insert.bind(orders);
  jest.spyOn(orders, 'insert').mockImplementationOnce((order, items) => real({ ...order, number }, items));
  const second = (await show((await place()).id))!;
  expect(second.number).not.toBe(number);
  expect(await told('order.created', second.id)).toMatchObject([{ number: second.number }]);
});
