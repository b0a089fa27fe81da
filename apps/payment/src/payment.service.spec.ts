import { domainHarness, type Harness } from '@nakku/testing';
import { anOrder, cancelledOf, completedOf, requested, updatedOf, type OrderFixture } from './payment.fixtures.js';
import { PaymentModule } from './payment.module.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentService } from './payment.service.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxRepository } from './providers/sandbox.repository.js';

let t: Harness;
beforeEach(async () => {
  t = await domainHarness(PaymentModule);
});
afterEach(() => t.close());

const idle = () => t.get(PaymentWorker).idle();
const paymentOf = ({ orderId }: OrderFixture) => t.get(PaymentService).getByOrder({ orderId });
const rowOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentRepository).find({ orderId }))!;
const types = async () => (await t.published()).map(({ type }) => type);

async function ask(order: OrderFixture): Promise<void> {
  await t.deliver(requested(order));
  await idle();
}

describe('a payment that is asked for', () => {
  it('in cash is recorded in the same transaction', async () => {
    const order = anOrder({ method: 'cod', paymentToken: undefined });
    await t.deliver(requested(order));
    expect(await paymentOf(order)).toMatchObject({
      status: 'recorded',
      method: 'cod',
      amount: 50_000,
      capturedAmount: 0,
    });
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
    expect((await t.published('payment.completed'))[0]).toMatchObject({ status: 'recorded', orderId: order.orderId });
  });

  it('with tok_ok is authorised, told of, and its token forgotten', async () => {
    const order = anOrder();
    await ask(order);
    expect(await paymentOf(order)).toMatchObject({ status: 'authorised', amount: 50_000, currency: 'INR' });
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
    expect(await rowOf(order)).toMatchObject({ token: null, nextAction: null, nextTryAt: null });
    expect(JSON.stringify(await t.published())).not.toContain('tok_ok');
  });

  it.each([
    ['tok_declined', 'DECLINED'],
    ['tok_from_elsewhere', 'INVALID_TOKEN'],
    ['x'.repeat(500), 'INVALID_TOKEN'],
    [undefined, 'INVALID_TOKEN'],
  ])('with %s fails with %s', async (paymentToken, reason) => {
    const order = anOrder({ paymentToken });
    await ask(order);
    expect(await paymentOf(order)).toMatchObject({ status: 'failed' });
    expect(await t.published('payment.failed')).toMatchObject([{ orderId: order.orderId, reason }]);
    expect(await types()).not.toContain('payment.completed');
    expect((await rowOf(order)).token).toBeNull();
  });

  it('with a card number for a token never stores it', async () => {
    const order = anOrder({ paymentToken: '4111 1111 1111 1111' });
    await t.deliver(requested(order));
    expect((await rowOf(order)).token).toBeNull();
    await idle();
    expect((await paymentOf(order)).status).toBe('failed');
  });

  it('twice, by the same event or another one, is charged once', async () => {
    const order = anOrder();
    const event = await t.deliver(requested(order));
    await t.deliver(event);
    await ask({ ...order, amount: 70_000 });
    expect(await paymentOf(order)).toMatchObject({ amount: 50_000, status: 'authorised' });
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
  });

  it('for an order that is off already is never charged', async () => {
    const order = anOrder();
    await t.deliver(cancelledOf(order));
    await ask(order);
    const payment = await paymentOf(order);
    expect(payment).toMatchObject({ status: 'voided', method: 'card', capturedAmount: 0 });
    expect(await t.get(SandboxRepository).find(payment.id)).toBeNull();
    expect(await types()).toEqual([]);
  });

  it('is counted by method and status', async () => {
    await ask(anOrder());
    const { body } = await t.http.get('/metrics');
    expect(body).toContain('nakku_payments_total{method="card",status="initiated"} 1');
    expect(body).toContain('nakku_payments_total{method="card",status="authorised"} 1');
  });
});

describe('an order that was delivered', () => {
  it('has its card payment captured, once, and told of again', async () => {
    const order = anOrder();
    await ask(order);
    const event = await t.deliver(completedOf(order));
    await t.deliver(event);
    await idle();
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', capturedAmount: 50_000 });
    expect((await t.published('payment.completed')).map(({ status }) => status)).toEqual(['authorised', 'captured']);
    const charge = await t.get(SandboxRepository).find((await paymentOf(order)).id);
    expect(charge).toMatchObject({ status: 'captured', capturedAmount: 50_000 });
  });

  it('has its cash captured in the same transaction', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    await t.deliver(completedOf(order));
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', capturedAmount: 50_000 });
  });

  it('in vain has its payment voided', async () => {
    for (const method of ['card', 'cod'] as const) {
      const order = anOrder({ method });
      await ask(order);
      await t.deliver(completedOf(order, 'failed'));
      await idle();
      expect(await paymentOf(order)).toMatchObject({ status: 'voided', capturedAmount: 0 });
    }
  });

  it('without secured money is refused, so that it is tried again and put before an operator', async () => {
    const order = anOrder({ paymentToken: 'tok_declined' });
    await expect(t.deliver(completedOf(order))).rejects.toThrow('without a payment');
    await ask(order);
    await expect(t.deliver(completedOf(order))).rejects.toThrow('failed');
  });
});

describe('an order that costs less than before', () => {
  it('takes less of what is held', async () => {
    const order = anOrder();
    await ask(order);
    await t.deliver(updatedOf(order, 20_000));
    await t.deliver(completedOf(order));
    await idle();
    expect(await paymentOf(order)).toMatchObject({ status: 'captured', amount: 30_000, capturedAmount: 30_000 });
  });

  it('while it is being charged is charged under the first amount, the key being the same', async () => {
    const order = anOrder({ paymentToken: 'tok_flaky' });
    await ask(order);
    await t.deliver(updatedOf(order, 20_000));
    const { id } = await rowOf(order);
    expect(await rowOf(order)).toMatchObject({ amount: 30_000, holdAmount: 50_000 });
    expect(await t.get(SandboxRepository).find(id)).toMatchObject({ amount: 50_000 });
  });

  it('gives back what was taken', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    await t.deliver(completedOf(order));
    await t.deliver(updatedOf(order, 20_000));
    expect(await paymentOf(order)).toMatchObject({ status: 'partially_refunded', refundedAmount: 20_000 });
    expect(await t.published('payment.refunded')).toMatchObject([
      { refundAmount: 20_000, status: 'partially_refunded' },
    ]);
  });

  it('before its payment was asked for is asked for with the new total', async () => {
    const order = anOrder();
    await t.deliver(updatedOf(order, 20_000));
    await expect(paymentOf(order)).rejects.toMatchObject({ code: 'PAYMENT_NOT_FOUND' });
  });
});
