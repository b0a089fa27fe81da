import { domainHarness, type Harness } from '@nakku/testing';
import { anOrder, cancelledOf, completedOf, requested, type OrderFixture } from './payment.fixtures.js';
import { PaymentRow } from './payment.entity.js';
import { PaymentModule } from './payment.module.js';
import { type Answer, PaymentProvider } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { RefundWorker } from './refund.worker.js';

let t: Harness;
beforeEach(async () => {
  t = await domainHarness(PaymentModule, { env: { PAYMENT_PROVIDER_TIMEOUT_MS: '1000' } });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await t.close();
});

const idle = () => t.get(PaymentWorker).idle();
const sweep = () => t.get(PaymentWorker).sweep();
const rowOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentRepository).find({ orderId }))!;
const chargeOf = async (order: OrderFixture) => t.get(SandboxRepository).find((await rowOf(order)).id);
const types = async () => (await t.published()).map(({ type }) => type);
const spy = <K extends 'authorise' | 'status' | 'capture' | 'void'>(method: K) =>
  jest.spyOn(t.get(PaymentProvider), method);

/** The time of the next try has come. */
const letTimePass = () =>
  t.database.manager
    .createQueryBuilder()
    .update(PaymentRow)
    .set({ nextTryAt: '2026-01-01T00:00:00.000Z' })
    .where('next_try_at IS NOT NULL')
    .execute();

async function ask(order: OrderFixture): Promise<OrderFixture> {
  await t.deliver(requested(order));
  await idle();
  return order;
}

async function tryAgain(): Promise<void> {
  await letTimePass();
  await sweep();
}

/** The call has its effect at the provider, then the process dies before it has heard of it. */
function dieAfter(method: 'authorise' | 'capture' | 'void'): void {
  const provider = t.get(PaymentProvider);
  const real = provider[method].bind(provider) as (...args: unknown[]) => Promise<never>;
  spy(method).mockImplementationOnce(async (...args: unknown[]) => {
    await real(...args);
    throw new Error('the process is gone');
  });
}

describe('a charge', () => {
  it('that fails twice is sent again with the same key until it succeeds', async () => {
    const authorise = spy('authorise');
    const order = await ask(anOrder({ paymentToken: 'tok_flaky' }));
    expect(await rowOf(order)).toMatchObject({ status: 'initiated', nextAction: 'authorise', token: 'tok_flaky' });
    await sweep();
    expect(authorise).toHaveBeenCalledTimes(1); // not before its time
    await tryAgain();
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised', token: null });
    expect(new Set(authorise.mock.calls.map(([{ paymentId }]) => paymentId)).size).toBe(1);
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
  });

  it('whose answer was lost in a crash is held once', async () => {
    dieAfter('authorise');
    const order = await ask(anOrder());
    expect(await rowOf(order)).toMatchObject({ status: 'initiated' });
    expect(await chargeOf(order)).toMatchObject({ status: 'authorised', attempts: 1 });
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised' });
    expect(await chargeOf(order)).toMatchObject({ attempts: 2, amount: 50_000 });
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
  });

  it('that was committed by a process that died at once is sent by the next sweep after its claim', async () => {
    const worker = t.get(PaymentWorker);
    jest.spyOn(worker, 'wake').mockImplementationOnce(() => undefined);
    const order = await ask(anOrder());
    await sweep();
    expect(await chargeOf(order)).toBeNull();
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised' });
  });

  it('is sent by one of two sweeps that find it at the same time', async () => {
    jest.spyOn(t.get(PaymentWorker), 'wake').mockImplementationOnce(() => undefined);
    const authorise = spy('authorise');
    await ask(anOrder());
    await letTimePass();
    await Promise.all([sweep(), sweep(), sweep()]);
    expect(authorise).toHaveBeenCalledTimes(1);
    expect(await types()).toEqual(['payment.initiated', 'payment.completed']);
  });

  it('that is not answered is unknown, is asked about, and never charged under another key', async () => {
    const authorise = spy('authorise');
    const order = await ask(anOrder({ paymentToken: 'tok_timeout' }));
    expect(await rowOf(order)).toMatchObject({ status: 'unknown', nextAction: 'ask' });
    await tryAgain();
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'unknown', nextAction: 'ask', tries: 2 });
    expect(authorise).toHaveBeenCalledTimes(1);
    expect(await types()).toEqual(['payment.initiated']);
  });

  it.each([
    [{ result: 'authorised' }, 'authorised'],
    [{ result: 'declined', reason: 'LATE' }, 'failed'],
  ] as [Answer, string][])('that was not answered and turns out to be %j is %s', async (answer, status) => {
    const order = await ask(anOrder({ paymentToken: 'tok_timeout' }));
    spy('status').mockResolvedValueOnce(answer);
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status, nextAction: null, token: null });
  });

  it('that never arrived is sent again with the same key', async () => {
    spy('authorise').mockImplementationOnce(() => new Promise(() => {}));
    const order = await ask(anOrder());
    expect(await rowOf(order)).toMatchObject({ status: 'unknown' });
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised' });
    expect(await chargeOf(order)).toMatchObject({ attempts: 1 });
  });

  it('that the provider takes in without an answer is unknown', async () => {
    spy('authorise').mockResolvedValueOnce({ result: 'pending' });
    const order = await ask(anOrder());
    expect(await rowOf(order)).toMatchObject({ status: 'unknown', nextAction: 'ask', token: 'tok_ok' });
  });
});

describe('an order that is cancelled', () => {
  it('while its charge is on the way has the money let go of at once, and no success told', async () => {
    let arrive = (_: Answer) => {};
    spy('authorise').mockImplementationOnce(() => new Promise<Answer>((resolve) => (arrive = resolve)));
    const letGo = spy('void');
    const order = anOrder();
    await t.deliver(requested(order));
    await new Promise(setImmediate);
    await t.deliver(cancelledOf(order));
    expect(await rowOf(order)).toMatchObject({ status: 'initiated', cancelRequested: true, token: null });
    arrive({ result: 'authorised' });
    await idle();
    expect(await rowOf(order)).toMatchObject({ status: 'voided', nextAction: null });
    expect(letGo).toHaveBeenCalledTimes(1);
    expect(await types()).toEqual(['payment.initiated', 'payment.refunded']);
    expect((await t.published('payment.refunded'))[0]).toMatchObject({ refundAmount: 0, status: 'voided' });
  });

  it.each(['tok_ok', 'tok_flaky', 'tok_timeout'])(
    'after a charge with %s holds nothing at the provider',
    async (paymentToken) => {
      const order = await ask(anOrder({ paymentToken }));
      await t.deliver(cancelledOf(order));
      await idle();
      await tryAgain();
      expect(await rowOf(order)).toMatchObject({ status: 'voided', nextAction: null, capturedAmount: 0 });
      expect(await chargeOf(order)).toMatchObject({ status: 'voided' });
      expect(await t.published('payment.refunded')).toHaveLength(1);
    },
  );

  it('before a charge was sent has it refused by the provider should it still arrive', async () => {
    jest.spyOn(t.get(PaymentWorker), 'wake').mockImplementationOnce(() => undefined);
    const order = await ask(anOrder());
    const { id: paymentId } = await rowOf(order);
    await t.deliver(cancelledOf(order));
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'voided' });
    const late = { paymentId, amount: 50_000, currency: 'INR', method: 'card', token: 'tok_ok' } as const;
    const answer = await t.get(PaymentProvider).authorise(late, AbortSignal.timeout(1000));
    expect(answer).toEqual({ result: 'declined', reason: 'VOIDED' });
  });

  it('is voided in spite of a crash and an error at the provider', async () => {
    const order = await ask(anOrder());
    dieAfter('void');
    await t.deliver(cancelledOf(order));
    await idle();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised', nextAction: 'void', cancelRequested: true });
    spy('void').mockRejectedValueOnce(new Error('no'));
    await tryAgain();
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'voided' });
    expect(await t.published('payment.refunded')).toHaveLength(1);
  });

  it('after it was captured gets all its money back', async () => {
    const order = await ask(anOrder());
    await t.deliver(completedOf(order));
    await idle();
    await t.deliver(cancelledOf(order));
    expect(await t.published('payment.refunded')).toHaveLength(0); // not before the provider has done it
    await t.get(RefundWorker).sweep();
    expect(await rowOf(order)).toMatchObject({ status: 'refunded', refundedAmount: 50_000 });
    expect(await chargeOf(order)).toMatchObject({ refundedAmount: 50_000 });
    expect(await t.published('payment.refunded')).toMatchObject([{ refundAmount: 50_000, status: 'refunded' }]);
  });

  it('while it is being captured gets all its money back', async () => {
    const order = await ask(anOrder());
    spy('capture').mockRejectedValueOnce(new Error('no'));
    await t.deliver(completedOf(order));
    await idle();
    await t.deliver(cancelledOf(order));
    await tryAgain();
    await t.get(RefundWorker).sweep();
    expect(await rowOf(order)).toMatchObject({ status: 'refunded', capturedAmount: 50_000, refundedAmount: 50_000 });
  });
});

describe('a capture', () => {
  it('whose answer was lost in a crash is booked once', async () => {
    const order = await ask(anOrder());
    dieAfter('capture');
    await t.deliver(completedOf(order));
    await idle();
    expect(await rowOf(order)).toMatchObject({ status: 'authorised', nextAction: 'capture' });
    await tryAgain();
    expect(await rowOf(order)).toMatchObject({ status: 'captured', capturedAmount: 50_000 });
    expect(await chargeOf(order)).toMatchObject({ capturedAmount: 50_000 });
    const { body } = await t.http.get('/api/v1/payments/ledger', { as: t.actor('admin') });
    expect(body.items).toHaveLength(2);
  });
});
