import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { LedgerRow } from './ledger.entity.js';
import { PaymentModule } from './payment.module.js';
import { PaymentProvider } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentRow } from './payment.entity.js';
import { PaymentWorker } from './payment.worker.js';
import { anOrder, cancelledOf, completedOf, type OrderFixture, requested, updatedOf } from './payment.fixtures.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { sign } from './providers/sandbox.signature.js';
import { RefundWorker } from './refund.worker.js';

// Two copies of the service: while partitions move from one to the other both handle the events of an order, and both sweep all the time.
const ROUNDS = Array.from({ length: 12 }, (_, round) => round);
const SECRET = 'a-webhook-secret-for-this-test-00000';

let t: Harness;
let other: Harness;
beforeAll(async () => {
  const env = { PAYMENT_WEBHOOK_SECRET: SECRET };
  t = await domainHarness(PaymentModule, { env });
  other = await domainHarness(PaymentModule, { env, beside: t });
});
afterAll(async () => {
  await other.close();
  await t.close();
});
afterEach(() => jest.restoreAllMocks());

const rowOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentRepository).find({ orderId }))!;
const told = async (type: string, { orderId }: OrderFixture) =>
  (await t.published(type)).filter((data: { orderId: string }) => data.orderId === orderId);
const idle = () => Promise.all([t, other].map((copy) => copy.get(PaymentWorker).idle()));

/** Everything that is due is done, and what waits for its time too. */
async function settle(): Promise<void> {
  await idle();
  const past = { nextTryAt: '2026-01-01T00:00:00.000Z' };
  await t.database.manager.createQueryBuilder().update(PaymentRow).set(past).where('next_try_at IS NOT NULL').execute();
  for (const copy of [t, other, t, other]) await copy.get(PaymentWorker).sweep();
  await Promise.all([t, other].map((copy) => copy.get(RefundWorker).sweep()));
}

async function authorisedOrder(): Promise<OrderFixture> {
  const order = anOrder();
  await t.deliver(requested(order));
  await idle();
  return order;
}

describe('of events that are handled at the same moment', () => {
  it('asking for the money and cancelling end with nothing held, whichever comes first', async () => {
    for (const round of ROUNDS) {
      const order = anOrder(round % 2 ? { method: 'cod' } : {});
      await Promise.all([t.deliver(requested(order)), other.deliver(cancelledOf(order))]);
      await settle();
      const row = await rowOf(order);
      expect(row).toMatchObject({ status: 'voided', cancelRequested: true, capturedAmount: 0 });
      expect((await t.get(SandboxRepository).find(row.id))?.status ?? 'none').not.toBe('authorised');
    }
  });

  it('the same request told by several is one payment, charged and told once', async () => {
    const order = anOrder();
    await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? t : other).deliver(requested(order))));
    await idle();
    expect(await t.get(SandboxRepository).find((await rowOf(order)).id)).toMatchObject({ attempts: 1 });
    expect(await told('payment.initiated', order)).toHaveLength(1);
    expect(await told('payment.completed', order)).toHaveLength(1);
  });

  it('delivering and cancelling end with the money captured and given back, or never taken', async () => {
    for (const _ of ROUNDS) {
      const order = await authorisedOrder();
      await Promise.allSettled([t.deliver(completedOf(order)), other.deliver(cancelledOf(order))]);
      await settle();
      await settle();
      const { id, status, capturedAmount, refundedAmount } = await rowOf(order);
      expect(status).toBe(capturedAmount > 0 ? 'refunded' : 'voided');
      expect(refundedAmount).toBe(capturedAmount);
      expect(await t.get(SandboxRepository).find(id)).toMatchObject({ capturedAmount, refundedAmount });
    }
  });

  it('two that lower what is owed both count', async () => {
    const order = await authorisedOrder();
    await Promise.all([1000, 200, 30].map((by, i) => (i % 2 ? t : other).deliver(updatedOf(order, by))));
    expect(await rowOf(order)).toMatchObject({ amount: 50_000 - 1230 });
  });
});

it('a webhook and the answer to the charge, told at the same time, are one success', async () => {
  for (const _ of ROUNDS) {
    const order = anOrder();
    const provider = t.get(PaymentProvider);
    const real = provider.authorise.bind(provider);
    let webhooks: Promise<{ status: number }[]> | undefined;
    jest.spyOn(provider, 'authorise').mockImplementationOnce(async (charge, signal) => {
      const answer = await real(charge, signal);
      const news = () => ({
        id: newId(),
        type: 'payment.succeeded',
        data: { paymentId: charge.paymentId, status: 'succeeded' },
      });
      webhooks = Promise.all([news(), news()].map((one) => post(JSON.stringify(one))));
      return answer;
    });
    await t.deliver(requested(order));
    await idle();
    expect((await webhooks!).map(({ status }) => status)).toEqual([200, 200]);
    expect(await told('payment.completed', order)).toHaveLength(1);
    expect(await rowOf(order)).toMatchObject({ status: 'authorised', nextAction: null });
  }
});

it('a delivered order is captured once and booked once, however many sweeps find it due', async () => {
  const order = await authorisedOrder();
  const captures = new Set([t, other].map((copy) => jest.spyOn(copy.get(PaymentProvider), 'capture')));
  jest.spyOn(t.get(PaymentWorker), 'wake').mockImplementation(() => undefined);
  await t.deliver(completedOf(order));
  await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? t : other).get(PaymentWorker).sweep()));
  expect([...captures].reduce((calls, { mock }) => calls + mock.calls.length, 0)).toBe(1);
  const { id } = await rowOf(order);
  expect(await t.database.manager.countBy(LedgerRow, { paymentId: id })).toBe(2);
});

it('a refund is made and booked once, however many sweeps find it due', async () => {
  const order = await authorisedOrder();
  await t.deliver(completedOf(order));
  await idle();
  await t.deliver(cancelledOf(order));
  const refunds = new Set([t, other].map((copy) => jest.spyOn(copy.get(PaymentProvider), 'refund')));
  await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 ? t : other).get(RefundWorker).sweep()));
  expect([...refunds].reduce((calls, { mock }) => calls + mock.calls.length, 0)).toBe(1);
  expect(await told('payment.refunded', order)).toMatchObject([{ refundAmount: 50_000, status: 'refunded' }]);
});

const post = (body: string) => {
  const headers = { 'x-nakku-signature': sign(SECRET, body, Math.floor(Date.now() / 1000)) };
  return t.http.post('/api/v1/payments/webhooks/sandbox', { body, headers });
};
