import type { Method } from './payment.js';

export type Account = 'provider_clearing' | 'cash_on_delivery' | 'customer_sales' | 'refunds';
export type Direction = 'debit' | 'credit';
export type Movement = 'capture' | 'refund';

/** The two sides of a movement: a capture brings money in for sales, a refund takes it out again. */
export function sides(movement: Movement, method: Method): { account: Account; direction: Direction }[] {
  const till = method === 'cod' ? 'cash_on_delivery' : 'provider_clearing';
  return movement === 'capture'
    ? [
        { account: till, direction: 'debit' },
        { account: 'customer_sales', direction: 'credit' },
      ]
    : [
        { account: 'refunds', direction: 'debit' },
        { account: till, direction: 'credit' },
      ];
}
