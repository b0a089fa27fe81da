import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { anOrder, completedOf, requested, type OrderFixture } from './payment.fixtures.js';
import { PaymentModule } from './payment.module.js';
import { PaymentProvider } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { RefundRow } from './refund.entity.js';
import { RefundRepository } from './refund.repository.js';
import { RefundWorker } from './refund.worker.js';
import { TransitionService } from './transition.service.js';

let t: Harness;
beforeEach(async () => {
  t = await domainHarness(PaymentModule);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await t.close();
});

const rowOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentRepository).find({ orderId }))!;
const sweep = () => t.get(RefundWorker).sweep();

async function capturedPayment(given: Partial<OrderFixture> = {}) {
  const order = anOrder(given);
  await t.deliver(requested(order));
  await t.get(PaymentWorker).idle();
  await t.deliver(completedOf(order));
  await t.get(PaymentWorker).idle();
  return { order, id: (await rowOf(order)).id };
}

const refund = (id: string, body: object, headers: Record<string, string> = {}) =>
  t.http.post(`/api/v1/payments/${id}/refunds`, { as: t.actor('admin', { id: ADMIN }), body, headers });
const ADMIN = newId();

const letTimePass = () =>
  t.database.manager
    .createQueryBuilder()
    .update(RefundRow)
    .set({ nextTryAt: '2026-01-01T00:00:00.000Z' })
    .where('next_try_at IS NOT NULL')
    .execute();

describe('a refund', () => {
  it('is promised at once and done by the provider after that', async () => {
    const { id } = await capturedPayment();
    const answer = await refund(id, { amount: 20_000, reason: 'Melted' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      id,
      status: 'partially_refunded',
      capturedAmount: 50_000,
      refundedAmount: 20_000,
    });
    expect(await t.published('payment.refunded')).toHaveLength(0);
    await sweep();
    await sweep();
    expect(await t.published('payment.refunded')).toMatchObject([{ refundAmount: 20_000, reason: 'Melted' }]);
    expect(await t.get(SandboxRepository).find(id)).toMatchObject({ refundedAmount: 20_000 });
    expect((await refund(id, { amount: 30_000 })).body).toMatchObject({ status: 'refunded', refundedAmount: 50_000 });
  });

  it('of cash needs no provider', async () => {
    const { id } = await capturedPayment({ method: 'cod' });
    await refund(id, { amount: 50_000 });
    expect(await t.published('payment.refunded')).toMatchObject([{ refundAmount: 50_000, status: 'refunded' }]);
  });

  it('is never above what was captured and is not given back yet', async () => {
    const { id } = await capturedPayment();
    await refund(id, { amount: 49_999 });
    const answer = await refund(id, { amount: 2 });
    expect(answer).toMatchObject({ status: 422, body: { code: 'REFUND_TOO_LARGE', refundable: 1 } });
    expect((await refund(id, { amount: 1 })).body.status).toBe('refunded');
  });

  it('of money that was not captured is too large', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    const answer = await refund((await rowOf(order)).id, { amount: 1 });
    expect(answer).toMatchObject({ status: 422, body: { code: 'REFUND_TOO_LARGE' } });
  });

  it('at the same time as others never gives back more than there is', async () => {
    const { order, id } = await capturedPayment();
    const answers = await Promise.all(Array.from({ length: 12 }, () => refund(id, { amount: 15_000 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, ...Array<number>(9).fill(422)]);
    await sweep();
    expect(await rowOf(order)).toMatchObject({ refundedAmount: 45_000 });
    expect(await t.get(SandboxRepository).find(id)).toMatchObject({ refundedAmount: 45_000 });
  });

  it('with the same Idempotency-Key happens once', async () => {
    const { order, id } = await capturedPayment();
    const headers = { 'idempotency-key': 'refund-1' };
    const [first, second] = [await refund(id, { amount: 100 }, headers), await refund(id, { amount: 100 }, headers)];
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect((await refund(id, { amount: 200 }, headers)).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await rowOf(order)).toMatchObject({ refundedAmount: 100 });
  });

  it('whose answer was lost in a crash is made and booked once', async () => {
    const { id } = await capturedPayment();
    const provider = t.get(PaymentProvider);
    const real = provider.refund.bind(provider);
    jest.spyOn(provider, 'refund').mockImplementationOnce(async (...args) => {
      await real(...args);
      throw new Error('the process is gone');
    });
    await refund(id, { amount: 20_000 });
    await sweep();
    expect(await t.published('payment.refunded')).toHaveLength(0);
    await letTimePass();
    await Promise.all([sweep(), sweep()]);
    expect(await t.published('payment.refunded')).toHaveLength(1);
    expect(await t.get(SandboxRepository).find(id)).toMatchObject({ refundedAmount: 20_000 });
  });

  it('is booked once, though two processes should come to its end', async () => {
    const { id } = await capturedPayment();
    await refund(id, { amount: 100 });
    const [row] = await t.get(RefundRepository).due(1);
    for (let i = 0; i < 2; i++) await t.database.transaction(() => t.get(TransitionService).finishRefund(row!));
    expect(await t.published('payment.refunded')).toHaveLength(1);
    expect(await t.get(RefundRepository).due(1)).toEqual([]);
  });

  it.each([
    {},
    { amount: 0 },
    { amount: 1.5 },
    { amount: '5' },
    { amount: 5, to: 'me' },
    { amount: 5, reason: 'x'.repeat(201) },
  ])('of %j is malformed', async (body) => {
    expect(await refund(newId(), body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('who may give money back', () => {
  const as = (id: string, actor: ReturnType<Harness['actor']>) =>
    t.http.post(`/api/v1/payments/${id}/refunds`, { as: actor, body: { amount: 1 } });

  it('is an admin; the owner is told that they may not, to others there is no such payment', async () => {
    const { order, id } = await capturedPayment();
    expect(await as(id, t.actor('customer', { id: order.customerId }))).toMatchObject({ status: 403 });
    for (const role of ['customer', 'rider', 'store_staff'] as const)
      expect(await as(id, t.actor(role))).toMatchObject({ status: 404, body: { code: 'PAYMENT_NOT_FOUND' } });
    expect((await as(newId(), t.actor('admin'))).status).toBe(404);
    expect((await t.http.post(`/api/v1/payments/${id}/refunds`, { body: { amount: 1 } })).status).toBe(401);
    expect((await as(id, t.actor('admin'))).status).toBe(201);
  });
});
