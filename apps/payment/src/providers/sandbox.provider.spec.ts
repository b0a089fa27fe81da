import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { PaymentModule } from '../payment.module.js';
import { answerWithin, PaymentProvider, ProviderTimeout } from '../payment.provider.js';
import { SandboxRepository } from './sandbox.repository.js';

let t: Harness;
let sandbox: PaymentProvider;
beforeAll(async () => {
  t = await domainHarness(PaymentModule);
  sandbox = t.get(PaymentProvider);
});
afterAll(() => t.close());

const signal = new AbortController().signal;
const charge = (token: string | null, paymentId: string = newId(), amount = 500) =>
  sandbox.authorise({ paymentId, amount, currency: 'INR', method: 'card', token }, signal);
const held = async (): Promise<string> => {
  const paymentId = newId();
  await charge('tok_ok', paymentId);
  return paymentId;
};
const memory = (paymentId: string) => t.get(SandboxRepository).find(paymentId);

describe('the sandbox', () => {
  it.each([
    ['tok_ok', { result: 'authorised' }],
    ['tok_declined', { result: 'declined', reason: 'DECLINED' }],
    ['anything', { result: 'declined', reason: 'INVALID_TOKEN' }],
    [null, { result: 'declined', reason: 'INVALID_TOKEN' }],
  ])('answers %s with %j, every time', async (token, answer) => {
    const paymentId = newId();
    expect(await charge(token, paymentId)).toEqual(answer);
    expect(await charge('tok_ok', paymentId)).toEqual(answer);
  });

  it('fails twice with tok_flaky, then succeeds', async () => {
    const paymentId = newId();
    await expect(charge('tok_flaky', paymentId)).rejects.toThrow();
    await expect(charge('tok_flaky', paymentId)).rejects.toThrow();
    expect(await sandbox.status(paymentId, signal)).toEqual({ result: 'absent' });
    expect(await charge('tok_flaky', paymentId)).toEqual({ result: 'authorised' });
  });

  it('never answers tok_timeout', async () => {
    const paymentId = newId();
    const call = answerWithin(100, (limit) =>
      sandbox.authorise({ paymentId, amount: 5, currency: 'INR', method: 'upi', token: 'tok_timeout' }, limit),
    );
    await expect(call).rejects.toBeInstanceOf(ProviderTimeout);
    expect(await sandbox.status(paymentId, signal)).toEqual({ result: 'pending' });
    expect(await sandbox.status(newId(), signal)).toEqual({ result: 'absent' });
  });

  it('holds one charge of one key, however many come at once', async () => {
    const paymentId = newId();
    await Promise.all(Array.from({ length: 10 }, () => charge('tok_ok', paymentId)));
    expect(await memory(paymentId)).toMatchObject({ status: 'authorised', amount: 500, attempts: 10 });
    await expect(charge('tok_ok', paymentId, 501)).rejects.toThrow('another amount');
  });

  it('captures once, and not more than it holds', async () => {
    const paymentId = await held();
    await expect(sandbox.capture({ paymentId, amount: 501 }, signal)).rejects.toThrow();
    await sandbox.capture({ paymentId, amount: 400 }, signal);
    await sandbox.capture({ paymentId, amount: 400 }, signal);
    expect(await memory(paymentId)).toMatchObject({ status: 'captured', capturedAmount: 400 });
    await expect(sandbox.void(paymentId, signal)).rejects.toThrow('captured');
    await expect(sandbox.capture({ paymentId: newId(), amount: 1 }, signal)).rejects.toThrow('absent');
  });

  it('refuses a charge that was voided before it came', async () => {
    const paymentId = newId();
    await sandbox.void(paymentId, signal);
    await sandbox.void(paymentId, signal);
    expect(await charge('tok_ok', paymentId)).toEqual({ result: 'declined', reason: 'VOIDED' });
    await expect(sandbox.capture({ paymentId, amount: 1 }, signal)).rejects.toThrow('voided');
  });

  it('gives back once a key, and not more than was captured', async () => {
    const paymentId = await held();
    await sandbox.capture({ paymentId, amount: 500 }, signal);
    const refundId = newId();
    await sandbox.refund({ paymentId, refundId, amount: 300 }, signal);
    await sandbox.refund({ paymentId, refundId, amount: 300 }, signal);
    await expect(sandbox.refund({ paymentId, refundId: newId(), amount: 201 }, signal)).rejects.toThrow();
    expect(await memory(paymentId)).toMatchObject({ refundedAmount: 300 });
  });
});

it('a webhook that is due is sent by one of several, and by another should that one die', async () => {
  const charges = t.get(SandboxRepository);
  const due = { paymentId: newId(), status: 'pending', reason: null, amount: 500, capturedAmount: 0 } as const;
  await charges.take({ ...due, refundedAmount: 0, attempts: 0, webhookAt: '2026-01-01T00:00:00.000Z' });
  const [charge] = await charges.untold(10);
  const claims = await Promise.all([1, 2, 3, 4].map(() => charges.claim(charge!, '2026-01-01T00:00:05.000Z')));
  expect(claims.filter(Boolean)).toHaveLength(1);
  const [later] = await charges.untold(10);
  expect(later).toMatchObject({ status: 'authorised', webhookAt: '2026-01-01T00:00:05.000Z' });
  expect(await charges.claim(later!, '2026-01-01T00:00:10.000Z')).toBe(true);
});
