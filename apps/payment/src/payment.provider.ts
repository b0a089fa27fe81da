import type { IncomingHttpHeaders } from 'node:http';
import type { Method } from './payment.js';

/** A charge to hold. `paymentId` is its idempotency key: however often it is sent, at most one charge comes of it. */
export interface Charge {
  paymentId: string;
  amount: number;
  currency: string;
  method: Method;
  token: string | null;
}

/** What became of a charge; `pending`: not known yet, the provider tells by webhook. */
export type Answer = { result: 'authorised' } | { result: 'declined'; reason: string } | { result: 'pending' };

/** What a provider tells by itself. */
export interface News {
  eventId: string;
  paymentId: string;
  answer: Answer;
}

/**
 * Who takes the money. Every operation is idempotent and may be called again after an error; an error says nothing about whether it
 * had its effect. `signal` aborts when nobody waits for the answer any more.
 */
export abstract class PaymentProvider {
  /** As in the path of its webhooks. */
  abstract readonly name: string;
  abstract authorise(charge: Charge, signal: AbortSignal): Promise<Answer>;
  /** What became of a charge; `absent` when it never arrived. */
  abstract status(paymentId: string, signal: AbortSignal): Promise<Answer | { result: 'absent' }>;
  /** Takes money that is held; at most what was authorised. */
  abstract capture(capture: { paymentId: string; amount: number }, signal: AbortSignal): Promise<void>;
  /** Lets go of what is held, and refuses the charge should it still arrive. */
  abstract void(paymentId: string, signal: AbortSignal): Promise<void>;
  /** Gives captured money back; `refundId` is the idempotency key. */
  abstract refund(refund: { paymentId: string; refundId: string; amount: number }, signal: AbortSignal): Promise<void>;
  /** Reads a webhook; 401 `SIGNATURE_INVALID` when it is not the provider's, 400 when it is not understood. */
  abstract readWebhook(headers: IncomingHttpHeaders, body: Buffer): News;
}

/** The provider did not answer in time: what was asked may have happened. */
export class ProviderTimeout extends Error {}

/** Gives up on a provider's answer after `ms`: rejects with ProviderTimeout, and aborts the call. */
export async function answerWithin<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new ProviderTimeout(`the provider did not answer within ${ms} ms`);
      reject(error);
      limit.abort(error);
    }, ms);
  });
  try {
    return await Promise.race([call(limit.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
