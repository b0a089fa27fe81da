import type { PaymentMethod, PaymentStatus } from '@nakku/contracts';
import { now } from '@nakku/database';
import type { z } from 'zod';

export type Status = z.output<typeof PaymentStatus>;
export type Method = z.output<typeof PaymentMethod>;
/** What has to be done at the provider next; `ask` is to find out what became of a charge that it did not answer. */
export type Action = 'authorise' | 'ask' | 'capture' | 'void';

/** What the rules look at. Amounts in minor units; `amount` is what is owed now. */
export interface State {
  method: Method;
  status: Status;
  amount: number;
  capturedAmount: number;
  refundedAmount: number;
  /** The order is off: whatever money turns up goes back. */
  cancelRequested: boolean;
  /** The provider's token, only until the charge is settled. */
  token: string | null;
  nextAction: Action | null;
  /** When the next action is due; while somebody performs it, when their claim lapses. */
  nextTryAt: string | null;
  /** How often the next action was begun. */
  tries: number;
}

/** What a rule makes of a payment: all of it happens in one transaction. */
export interface Change {
  set: Partial<State>;
  /** What the others are told. */
  tell?: 'completed' | 'failed' | 'refunded';
  reason?: string;
  /** Money that was taken just now. */
  taken?: number;
  /** Money that has to go back. */
  back?: number;
}

/** A rule; undefined when the payment stays as it is. */
export type Rule = (payment: State) => Change | undefined;

const NEXT: Record<Status, readonly Status[]> = {
  initiated: ['authorised', 'unknown', 'failed', 'voided'],
  unknown: ['authorised', 'failed', 'voided'],
  recorded: ['captured', 'voided'],
  authorised: ['captured', 'voided'],
  captured: ['partially_refunded', 'refunded'],
  partially_refunded: ['partially_refunded', 'refunded'],
  refunded: [],
  voided: [],
  failed: [],
};

/** Whether a payment may go from one status to another. */
export const mayBecome = (from: Status, to: Status): boolean => NEXT[from].includes(to);

/** What was taken and is not given back yet. */
export const refundable = ({ capturedAmount, refundedAmount }: State): number => capturedAmount - refundedAmount;

/** Whether the next action waits for nobody. */
export const isDue = ({ nextAction, nextTryAt }: State): boolean =>
  nextAction !== null && nextTryAt !== null && nextTryAt <= now();

const isOpen = ({ status }: State): boolean => status === 'initiated' || status === 'unknown';

const DONE = { nextAction: null, nextTryAt: null, tries: 0, token: null };
const due = (nextAction: Action, nextTryAt = now()) => ({ nextAction, nextTryAt, tries: 0 });
const dueVoid = (nextTryAt?: string) => ({ ...due('void', nextTryAt), token: null });

/** The provider holds the money. For an order that is off, or a charge already given up, it has to let go of it. */
export const authorised: Rule = (payment) => {
  if (payment.method === 'cod') return undefined;
  if (isOpen(payment) && !payment.cancelRequested) return { set: { ...DONE, status: 'authorised' }, tell: 'completed' };
  const unwanted = isOpen(payment) || payment.status === 'voided' || payment.status === 'failed';
  return unwanted ? { set: dueVoid() } : undefined;
};

/** The provider refuses, for good. */
export const declined =
  (reason: string): Rule =>
  (payment) => {
    if (!isOpen(payment)) return undefined;
    if (payment.cancelRequested) return { set: { ...DONE, status: 'voided' }, tell: 'refunded' };
    return { set: { ...DONE, status: 'failed' }, tell: 'failed', reason };
  };

/** The provider did not say: it may hold the money or not. Nothing else is charged; it is asked, and may tell by itself. */
export const unanswered =
  (askAt: string): Rule =>
  (payment) => {
    if (!isOpen(payment) || payment.nextAction !== 'authorise') return undefined;
    return { set: { ...due('ask', askAt), status: 'unknown' } };
  };

/** The provider has never seen the charge: sending it again with the same key is safe. */
export const absent: Rule = (payment) => (payment.nextAction === 'ask' ? { set: due('authorise') } : undefined);

/** The action did not work: the next try comes later, unless something else is to be done meanwhile. */
export const again =
  (action: Action, at: string): Rule =>
  (payment) =>
    payment.nextAction === action ? { set: { nextTryAt: at } } : undefined;

/** The provider has taken the money that it held; for cash, the rider has. */
export const captured: Rule = ({ status, amount }) => {
  if (status !== 'authorised' && status !== 'recorded') return undefined;
  return { set: { ...DONE, status: 'captured', capturedAmount: amount }, tell: 'completed', taken: amount };
};

/** The provider holds nothing any more. */
export const voided: Rule = (payment) => {
  if (!isOpen(payment) && payment.status !== 'authorised') return { set: DONE };
  return { set: { ...DONE, status: 'voided' }, tell: 'refunded' };
};

/** Gives money back; never more than `refundable`. */
export function giveBack(payment: State, amount: number, reason?: string): Change {
  if (amount < 1 || amount > refundable(payment)) throw new Error(`${amount} cannot be given back`);
  const status = amount === refundable(payment) ? 'refunded' : 'partially_refunded';
  return { set: { status, refundedAmount: payment.refundedAmount + amount }, back: amount, reason };
}

/** The order is off. */
export const cancelled =
  (reason: string): Rule =>
  (payment) => {
    if (refundable(payment) > 0) return giveBack(payment, refundable(payment), reason);
    if (payment.status === 'recorded')
      return { set: { ...DONE, status: 'voided', cancelRequested: true }, tell: 'refunded' };
    if (payment.cancelRequested || !(isOpen(payment) || payment.status === 'authorised')) return undefined;
    // What is being taken just now is given back once it is there.
    if (payment.nextAction === 'capture') return { set: { cancelRequested: true } };
    // A charge on its way has until its claim lapses to arrive: a void that overtakes it would find nothing.
    const onItsWay = payment.nextAction === 'authorise' ? payment.nextTryAt : null;
    return { set: { ...dueVoid(onItsWay ?? undefined), cancelRequested: true } };
  };

/** The customer has the goods: the money is to be taken. */
export const delivered: Rule = (payment) => {
  if (payment.capturedAmount > 0 || payment.nextAction === 'capture') return undefined;
  if (payment.status === 'recorded' && payment.amount > 0) return captured(payment);
  if (payment.status === 'recorded') return { set: { ...DONE, status: 'voided' }, tell: 'refunded' };
  if (payment.status === 'authorised' && !payment.cancelRequested)
    return { set: due(payment.amount > 0 ? 'capture' : 'void') };
  // Thrown, and so put before an operator: goods went out for which no money is secured.
  throw new Error(`an order was delivered whose payment is ${payment.status}`);
};

/** The customer owes less than before: less is taken, or what was taken too much goes back. */
export const reduced =
  (by: number, reason: string): Rule =>
  (payment) => {
    if (by < 1 || payment.cancelRequested) return undefined;
    if (payment.nextAction === 'capture') throw new Error('the money is being taken: what is too much goes back then');
    const back = Math.min(by, refundable(payment));
    if (back > 0) return giveBack(payment, back, reason);
    const isOwed = isOpen(payment) || payment.status === 'recorded' || payment.status === 'authorised';
    return isOwed ? { set: { amount: Math.max(0, payment.amount - by) } } : undefined;
  };

/** The instant that is `ms` from now. */
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** How long to wait before the next try, in milliseconds: 250 and doubling, at most a minute. */
export const backoffMs = (tries: number): number => Math.min(60_000, 250 * 2 ** Math.min(20, Math.max(0, tries - 1)));
