import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { badRequest, Problem } from '@nakku/rpc';
import { inMs } from '../payment.js';
import { PaymentSettings } from '../payment.config.js';
import { WebhookEvent } from '../payment.dto.js';
import { type Answer, type Charge, type News, PaymentProvider } from '../payment.provider.js';
import type { SandboxCharge } from './sandbox.entity.js';
import { SandboxRepository } from './sandbox.repository.js';
import { isSignedBy } from './sandbox.signature.js';

const FLAKY_FAILURES = 2;

/** A provider for trying things out: what it does depends on the token alone. It keeps its memory across restarts. */
@Injectable()
export class SandboxProvider extends PaymentProvider {
  override readonly name = 'sandbox';

  constructor(
    private readonly charges: SandboxRepository,
    private readonly settings: PaymentSettings,
  ) {
    super();
  }

  override async authorise({ paymentId, amount, token }: Charge, signal: AbortSignal): Promise<Answer> {
    const charge = await this.charges.take(this.newCharge(paymentId, amount, token));
    if (charge.status === 'voided') return answerOf(charge);
    if (charge.amount !== amount) throw new Error('the key was used for a charge of another amount');
    if (charge.status === 'pending') return silence(signal);
    if (charge.status !== 'flaky') return answerOf(charge);
    if (charge.attempts <= FLAKY_FAILURES) throw new Error('the sandbox has a hiccup');
    await this.charges.move(paymentId, ['flaky'], { status: 'authorised' });
    return { result: 'authorised' };
  }

  override async status(paymentId: string): Promise<Answer | { result: 'absent' }> {
    const charge = await this.charges.find(paymentId);
    return !charge || charge.status === 'flaky' ? { result: 'absent' } : answerOf(charge);
  }

  /** A pending charge can be captured: whoever asks for it has our webhook that it succeeded, though it was posted by hand. */
  override async capture({ paymentId, amount }: { paymentId: string; amount: number }): Promise<void> {
    const charge = await this.charges.find(paymentId);
    if (charge?.status === 'captured' && charge.capturedAmount === amount) return;
    const taken = { status: 'captured', capturedAmount: amount, webhookAt: null } as const;
    const fits = charge !== null && amount <= charge.amount;
    if (!fits || !(await this.charges.move(paymentId, ['authorised', 'pending'], taken)))
      throw new Error(`nothing to capture: the charge is ${charge?.status ?? 'absent'}`);
  }

  override async void(paymentId: string): Promise<void> {
    await this.charges.take({ ...this.newCharge(paymentId, 0, null), status: 'voided', reason: 'VOIDED' });
    const off = { status: 'voided', reason: 'VOIDED', webhookAt: null } as const;
    if (await this.charges.move(paymentId, ['flaky', 'pending', 'authorised'], off)) return;
    if ((await this.charges.find(paymentId))?.status === 'captured') throw new Error('the charge was captured');
  }

  override async refund(refund: { paymentId: string; refundId: string; amount: number }): Promise<void> {
    if (!(await this.charges.refund(refund))) throw new Error('more would go back than was captured');
  }

  override readWebhook(headers: IncomingHttpHeaders, body: Buffer): News {
    const header = headers['x-nakku-signature'];
    const signature = typeof header === 'string' ? header : undefined;
    if (!isSignedBy(this.settings.PAYMENT_WEBHOOK_SECRET, signature, body)) throw signatureInvalid();
    const { id, data } = parse(body);
    const answer: Answer =
      data.status === 'succeeded' ? { result: 'authorised' } : { result: 'declined', reason: 'DECLINED' };
    return { eventId: id, paymentId: data.paymentId.toLowerCase(), answer };
  }

  private newCharge(paymentId: string, amount: number, token: string | null): SandboxCharge {
    const delay = this.settings.PAYMENT_SANDBOX_WEBHOOK_MS;
    const tells = token === 'tok_timeout' && delay > 0;
    const webhookAt = tells ? inMs(delay) : null;
    return { paymentId, amount, capturedAmount: 0, refundedAmount: 0, attempts: 0, webhookAt, ...outcomeOf(token) };
  }
}

function outcomeOf(token: string | null): Pick<SandboxCharge, 'status' | 'reason'> {
  switch (token) {
    case 'tok_ok':
      return { status: 'authorised', reason: null };
    case 'tok_flaky':
      return { status: 'flaky', reason: null };
    case 'tok_timeout':
      return { status: 'pending', reason: null };
    case 'tok_declined':
      return { status: 'declined', reason: 'DECLINED' };
    default:
      return { status: 'declined', reason: 'INVALID_TOKEN' };
  }
}

function answerOf({ status, reason }: SandboxCharge): Answer {
  if (status === 'pending') return { result: 'pending' };
  const held = status === 'authorised' || status === 'captured';
  return held ? { result: 'authorised' } : { result: 'declined', reason: reason ?? 'DECLINED' };
}

/** Never answers; ends when nobody waits any more. */
const silence = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = () => reject(new Error('nobody waits any more'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

function parse(body: Buffer) {
  try {
    return WebhookEvent.schema.parse(JSON.parse(body.toString('utf8')));
  } catch {
    throw badRequest('INVALID_REQUEST', 'The body is not an event {id, type, data: {paymentId, status}}.');
  }
}

const signatureInvalid = () =>
  new Problem(401, 'SIGNATURE_INVALID', 'X-Nakku-Signature must sign this very body, at most 5 minutes ago.');
