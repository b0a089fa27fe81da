import { domainHarness, type Harness, type Loose } from '@nakku/testing';
import { anOrder, cancelledOf, completedOf, requested, updatedOf, type OrderFixture } from './payment.fixtures.js';
import { LedgerRow } from './ledger.entity.js';
import { PaymentRow } from './payment.entity.js';
import { PaymentModule } from './payment.module.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { RefundWorker } from './refund.worker.js';
import { TransitionService } from './transition.service.js';

let t: Harness;
beforeEach(async () => {
  t = await domainHarness(PaymentModule);
});
afterEach(() => t.close());

/** mulberry32: the same numbers at every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const rowOf = async ({ orderId }: OrderFixture) => t.get(PaymentRepository).find({ orderId });
const ledger = (): Promise<LedgerRow[]> => t.database.manager.find(LedgerRow);
const signed = ({ direction, amount }: Pick<LedgerRow, 'direction' | 'amount'>) =>
  direction === 'debit' ? amount : -amount;
const sum = (rows: LedgerRow[]) => rows.reduce((total, row) => total + signed(row), 0);

async function settle(): Promise<void> {
  await t.get(PaymentWorker).idle();
  await t.get(PaymentWorker).sweep();
  await t.get(RefundWorker).sweep();
}

/** One thing that may happen to an order. What is refused changes nothing. */
async function happen(order: OrderFixture, what: number, amount: number): Promise<void> {
  const events = [requested(order), completedOf(order), cancelledOf(order), updatedOf(order, amount), requested(order)];
  const event = events[what];
  if (event) return void (await t.deliver(event).catch(() => undefined));
  const row = await rowOf(order);
  if (row)
    await t.http.post(`/api/v1/payments/${row.id}/refunds`, { as: t.actor('admin'), body: { amount: amount + 1 } });
}

describe('whatever happens in whichever order', () => {
  it.each([1, 2, 3])('the ledger balances and agrees with payments, provider and events (seed %i)', async (seed) => {
    const random = randomOf(seed);
    const tokens = ['tok_ok', 'tok_ok', 'tok_ok', 'tok_declined'];
    const orders = Array.from({ length: 12 }, (_, i) =>
      anOrder({ method: i % 3 === 0 ? 'cod' : 'card', paymentToken: tokens[random(4)], amount: 1 + random(100_000) }),
    );
    for (const order of orders) await happen(order, 0, 0);
    for (let step = 0; step < 120; step++) {
      await happen(orders[random(orders.length)]!, random(7), random(30_000));
      if (random(3) === 0) await settle();
    }
    await settle();
    await settle();

    const rows = await ledger();
    expect(rows.length).toBeGreaterThan(10);
    expect(sum(rows)).toBe(0);
    for (const { transactionId } of rows)
      expect(sum(rows.filter((row) => row.transactionId === transactionId))).toBe(0);
    const refunds = (await t.published('payment.refunded')) as Loose[];
    for (const payment of await t.database.manager.find(PaymentRow)) {
      const till = rows.filter(({ paymentId, account }) => paymentId === payment.id && /clearing|cash/.test(account));
      expect(sum(till)).toBe(payment.capturedAmount - payment.refundedAmount);
      expect(payment.refundedAmount).toBeLessThanOrEqual(payment.capturedAmount);
      const told = refunds
        .filter(({ paymentId }) => paymentId === payment.id)
        .map(({ refundAmount }) => refundAmount as number);
      expect(told.reduce((a, b) => a + b, 0)).toBe(payment.refundedAmount);
      const charge = await t.get(SandboxRepository).find(payment.id);
      if (charge) {
        expect(charge.capturedAmount).toBe(payment.capturedAmount);
        expect(charge.refundedAmount).toBe(payment.refundedAmount);
      }
    }
  });
});

describe('a change', () => {
  const change = (order: OrderFixture, rule: Parameters<TransitionService['change']>[1]) =>
    t.database.transaction(() => t.get(TransitionService).change({ orderId: order.orderId }, rule));

  it('to a status that may not follow is refused as a whole', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    await expect(change(order, () => ({ set: { status: 'refunded' }, tell: 'refunded' }))).rejects.toThrow(
      'cannot become',
    );
    expect(await rowOf(order)).toMatchObject({ status: 'recorded' });
  });

  it('of a payment as it was before another one is not written', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    const stale = (await rowOf(order))!;
    await t.get(PaymentRepository).update(stale, { amount: 7 });
    expect(await t.get(PaymentRepository).update(stale, { amount: 9 })).toBeUndefined();
    expect(await rowOf(order)).toMatchObject({ amount: 7 });
  });

  it('waits for the others that were begun at the same time, and builds on them', async () => {
    const order = anOrder({ method: 'cod', amount: 100 });
    await t.deliver(requested(order));
    const one = () => change(order, ({ amount }) => ({ set: { amount: amount + 1 } }));
    const after = await Promise.all(Array.from({ length: 30 }, one));
    expect(new Set(after.map((row) => row!.amount)).size).toBe(30);
    expect(await rowOf(order)).toMatchObject({ amount: 130 });
  });

  it('of a payment that is none is none', async () => {
    expect(await change(anOrder(), () => ({ set: { amount: 1 } }))).toBeUndefined();
  });
});
