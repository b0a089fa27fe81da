import type { Output } from '@nakku/rpc';
import { Amount, type CartApi, type OrderAddress } from '@nakku/contracts';
import { now } from '@nakku/database';
import { badRequest, unprocessable } from '@nakku/rpc';
import type { z } from 'zod';
import { orderNumber, promise } from './order.js';
import type { PlaceOrder } from './order.dto.js';
import type { Order, OrderItem } from './order.entity.js';

/** What is about to be ordered: what it costs, where it goes and who sends it. */
export interface Basket {
  quote: Output<CartApi, 'quote'>;
  address: z.output<typeof OrderAddress>;
  storeId: string;
  etaMinutes: number;
}

const LONGEST_WAIT_SECONDS = 30;

/** Refuses what no payment can come of. A card number is never taken in: not even to be refused later. */
export function requirePayable({ paymentMethod, paymentToken }: PlaceOrder): void {
  if (paymentToken && /^\d{13,19}$/.test(paymentToken.replaceAll(/[\s.-]/g, ''))) {
    throw badRequest(
      'CARD_NUMBER_REFUSED',
      'This looks like a card number: send the token that your payment provider gave for it.',
    );
  }
  if (paymentMethod !== 'cod' && !paymentToken) {
    throw unprocessable('PAYMENT_TOKEN_REQUIRED', `Paying by ${paymentMethod} needs a paymentToken.`);
  }
}

/** Refuses a basket that is known not to be available. */
export function requireAvailable({ items }: Basket['quote']): void {
  const short = items.filter(({ available }) => !available);
  if (short.length === 0) return;
  const lines = short.map(({ productId, name, quantity }) => ({ productId, name, quantity }));
  throw unprocessable('OUT_OF_STOCK', 'Some lines are not available in that quantity: change the cart.', { lines });
}

/** The order that a basket becomes. */
export function draft(
  id: string,
  customerId: string,
  body: PlaceOrder,
  { quote, address, storeId, etaMinutes }: Basket,
): Order {
  const placedAt = now();
  const { subtotal, discount, couponCode, deliveryFee, tax, currency } = quote;
  const total = quote.total + body.tip;
  if (!Amount.safeParse(total).success)
    throw unprocessable('ORDER_TOO_LARGE', 'This is more than one order can hold: order in parts.');
  return {
    id,
    number: orderNumber(placedAt),
    version: 1,
    status: 'pending',
    customerId,
    storeId,
    cartId: quote.cartId,
    cartGeneration: quote.generation,
    address,
    ...{ subtotal, discount, couponCode, deliveryFee, tax, tip: body.tip, total, currency },
    note: body.note,
    substitutions: body.substitutions,
    paymentMethod: body.paymentMethod,
    paymentToken: body.paymentMethod === 'cod' ? undefined : body.paymentToken,
    etaMinutes,
    promisedAt: promise(placedAt, etaMinutes),
    placedAt,
    updatedAt: placedAt,
  };
}

export const draftItems = ({ id: orderId, customerId }: Order, { items }: Basket['quote']): OrderItem[] =>
  items.map(({ productId, name, quantity, unitPrice, lineTotal }, position) => ({
    orderId,
    customerId,
    productId,
    position,
    name: name.slice(0, 255),
    quantity,
    unitPrice,
    lineTotal,
    status: 'ordered',
  }));

/** How long a `Prefer: wait=N` asks to wait (RFC 7240), in seconds; 0 when it does not. */
export function waitOf(prefer = ''): number {
  const [, seconds = '0'] = /(?:^|[\s,;])wait\s*=\s*"?(\d{1,4})\b/i.exec(prefer) ?? [];
  return Math.min(Number(seconds), LONGEST_WAIT_SECONDS);
}
