import type { Stock } from './stock.entity.js';

/** How a stock row is to change; the quantities are deltas. */
export interface Change {
  productId: string;
  onHand: number;
  reserved: number;
}

/** What a client sees of a stock row. */
export interface StockLevel {
  storeId: string;
  productId: string;
  onHand: number;
  reserved: number;
  available: number;
  threshold: number;
}

/** No shelf holds more pieces of a product; far from what the column holds, so that what comes back from an order still fits. */
export const MAX_ON_HAND = 1_000_000_000;

/** What can still be sold. */
export const availableOf = ({ onHand, reserved }: Pick<Stock, 'onHand' | 'reserved'>): number => onHand - reserved;

export const stockView = ({ storeId, productId, onHand, reserved, threshold }: Stock): StockLevel => ({
  storeId,
  productId,
  onHand,
  reserved,
  available: onHand - reserved,
  threshold,
});

/** One change for each product, in the order of the products: whoever locks rows in one order cannot wait for each other in a circle. */
export function inProductOrder(changes: readonly Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const { productId, onHand, reserved } of changes) {
    const known = merged.get(productId) ?? { productId, onHand: 0, reserved: 0 };
    merged.set(productId, { productId, onHand: known.onHand + onHand, reserved: known.reserved + reserved });
  }
  return [...merged.values()].sort((a, b) => (a.productId < b.productId ? -1 : 1));
}

/** What a change has led to, seen from the row after it: each is told once, on the way down. */
export function crossings(after: Stock, { onHand, reserved }: Change): { low: boolean; out: boolean } {
  const now = availableOf(after);
  const before = now - (onHand - reserved);
  return { low: before > after.threshold && now <= after.threshold, out: before > 0 && now <= 0 };
}
