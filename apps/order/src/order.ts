import { randomBytes } from 'node:crypto';
import type { OrderStatus as Status } from '@nakku/contracts';
import type { z } from 'zod';

export type OrderStatus = z.output<typeof Status>;

/** A row of the saga: from which states a step is taken, where it leads (nowhere: the state stays), and how the timeline calls it. */
interface Transition {
  from: readonly OrderStatus[];
  to?: OrderStatus;
  event: string;
}

/**
 * The saga. What is not in here does not happen: a fact that comes late, twice or out of turn finds the order
 * in a state that its row does not start from, and changes nothing.
 */
export const SAGA = {
  stockReserved: { from: ['pending'], event: 'order.payment_requested' },
  stockRejected: { from: ['pending'], to: 'cancelled', event: 'order.cancelled' },
  paymentSecured: { from: ['pending'], to: 'confirmed', event: 'order.confirmed' },
  paymentFailed: { from: ['pending'], to: 'cancelled', event: 'order.cancelled' },
  timedOut: { from: ['pending'], to: 'cancelled', event: 'order.cancelled' },
  cancelledByCustomer: { from: ['pending', 'confirmed'], to: 'cancelled', event: 'order.cancelled' },
  cancelledByStore: { from: ['pending', 'confirmed', 'packed'], to: 'cancelled', event: 'order.cancelled' },
  packed: { from: ['confirmed'], to: 'packed', event: 'order.packed' },
  riderSought: { from: ['confirmed', 'packed'], event: 'delivery.scheduled' },
  riderAssigned: { from: ['confirmed', 'packed'], event: 'delivery.assigned' },
  riderGaveUp: { from: ['confirmed', 'packed'], event: 'delivery.failed' },
  riderMissing: { from: ['confirmed', 'packed'], to: 'cancelled', event: 'order.cancelled' },
  riderMoved: { from: ['confirmed', 'packed', 'out_for_delivery'], event: 'delivery.position' },
  pickedUp: { from: ['packed'], to: 'out_for_delivery', event: 'delivery.started' },
  // From `packed` too: the pickup may have ended as a dead letter, and the order must not hang for that.
  delivered: { from: ['packed', 'out_for_delivery'], to: 'delivered', event: 'order.completed' },
  lost: { from: ['packed', 'out_for_delivery'], to: 'failed', event: 'order.completed' },
} as const satisfies Record<string, Transition>;

export type Step = keyof typeof SAGA;

/** What the saga looks at to decide. */
export interface SagaState {
  status: OrderStatus;
  /** Set once the stock is reserved and the payment asked for. */
  reservedAt?: string | null;
}

/** The status after a step; undefined where the step is not taken. */
export function next({ status, reservedAt }: SagaState, step: Step): OrderStatus | undefined {
  const { from, to }: Transition = SAGA[step];
  if (!from.includes(status)) return undefined;
  if (step === 'stockReserved' && reservedAt) return undefined; // the money is asked for once
  return to ?? status;
}

/** Nothing happens to an order after one of these. */
export const isFinal = (status: OrderStatus): boolean =>
  status === 'delivered' || status === 'cancelled' || status === 'failed';

/** The states of an order that somebody still works on. */
export const LIVE = ['pending', 'confirmed', 'packed', 'out_for_delivery'] as const satisfies readonly OrderStatus[];

/** The customer is told the rider's password from when there is a rider until the bag is handed over. */
export const showsOtp = ({ status, riderId }: { status: OrderStatus; riderId?: string | null }): boolean =>
  Boolean(riderId) && (status === 'confirmed' || status === 'packed' || status === 'out_for_delivery');

/** When the order is promised at the door. */
export const promise = (from: string, etaMinutes: number): string =>
  new Date(Date.parse(from) + etaMinutes * 60_000).toISOString();

/** Crockford's base32: nothing that is misread over the phone. */
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What people call the order: the day and 40 random bits, so that no two processes have to agree on a sequence. */
export function orderNumber(placedAt: string): string {
  const day = placedAt.slice(2, 10).replaceAll('-', '');
  const bits = BigInt(`0x${randomBytes(5).toString('hex')}`);
  const letters = Array.from({ length: 8 }, (_, i) => BASE32[Number((bits >> BigInt(5 * i)) & 31n)]);
  return `NK-${day}-${letters.join('')}`;
}
