import type { Stock } from './stock.entity.js';
import { availableOf, type Change } from './stock.js';

/** A number of pieces of one product. */
export interface Line {
  productId: string;
  quantity: number;
}

/** The effect of lines on the stock: how many pieces of each go where. */
export const changesOf = (lines: readonly Line[], per: { onHand: number; reserved: number }): Change[] =>
  lines.map(({ productId, quantity }) => ({
    productId,
    onHand: per.onHand * quantity || 0,
    reserved: per.reserved * quantity || 0,
  }));

/** The products of which there is less than the lines ask for; of `refused` there was, when it was tried, though more may have come since. */
export function shortagesOf(demand: readonly Change[], rows: readonly Stock[], refused: string) {
  const found = new Map(rows.map((row) => [row.productId, Math.max(0, availableOf(row))]));
  return demand
    .map(({ productId, reserved: requested }) => {
      const available = found.get(productId) ?? 0;
      return {
        productId,
        requested,
        available: productId === refused ? Math.min(available, requested - 1) : available,
      };
    })
    .filter(({ requested, available }) => available < requested);
}

/** Takes pieces out of lines: what stays, and what could be taken. Never more than the lines have. */
export function takeOut(lines: readonly Line[], wanted: readonly Line[]): { kept: Line[]; taken: Line[] } {
  const left = new Map<string, number>();
  for (const { productId, quantity } of wanted) left.set(productId, (left.get(productId) ?? 0) + Math.max(0, quantity));
  const taken: Line[] = [];
  const kept = lines.flatMap(({ productId, quantity }) => {
    const take = Math.min(quantity, left.get(productId) ?? 0);
    if (take === 0) return [{ productId, quantity }];
    left.set(productId, left.get(productId)! - take);
    taken.push({ productId, quantity: take });
    return take === quantity ? [] : [{ productId, quantity: quantity - take }];
  });
  return { kept, taken };
}
