import type { Listed } from './product.js';

export const SORTS = ['relevance', 'price', '-price', 'name', 'newest'] as const;
export type Sort = (typeof SORTS)[number];

type Value = string | number;

/** Where a product stands in an order; the id makes it unique, and a cursor over it exact. */
export interface Place {
  value: Value;
  id: string;
}

/** Products that fit a query; `scores[i]` is the relevance of `products[i]`. */
export interface Selection {
  products: readonly Listed[];
  scores: readonly number[];
}

interface Order {
  value: (selection: Selection, at: number) => Value;
  descending: boolean;
}

/** Each order is by a value and then by id, both in the same direction. */
const ORDERS: Record<Sort, Order> = {
  relevance: { value: ({ scores }, at) => scores[at] ?? 0, descending: true },
  price: { value: ({ products }, at) => products[at]!.price, descending: false },
  '-price': { value: ({ products }, at) => products[at]!.price, descending: true },
  name: { value: ({ products }, at) => products[at]!.sortName, descending: false },
  newest: { value: ({ products }, at) => products[at]!.createdAt, descending: true },
};

interface Row extends Place {
  product: Listed;
}

/** The first `count` products after a place, in one pass and without sorting the others. */
export function firstAfter(selection: Selection, sort: Sort, after: Place | undefined, count: number): Row[] {
  const { value: valueAt, descending } = ORDERS[sort];
  const rows: Row[] = [];
  // From the end: the newest were added last, and the default order would else have every product be the best so far.
  for (let at = selection.products.length - 1; at >= 0; at--) {
    const product = selection.products[at]!;
    const value = valueAt(selection, at);
    if (after && !before(after.value, after.id, value, product.id, descending)) continue;
    const last = rows[count - 1];
    if (last && !before(value, product.id, last.value, last.id, descending)) continue;
    place(rows, { value, id: product.id, product }, descending);
    if (rows.length > count) rows.pop();
  }
  return rows;
}

function place(rows: Row[], row: Row, descending: boolean): void {
  let at = rows.length;
  for (; at > 0 && before(row.value, row.id, rows[at - 1]!.value, rows[at - 1]!.id, descending); at--)
    rows[at] = rows[at - 1]!;
  rows[at] = row;
}

function before(value: Value, id: string, otherValue: Value, otherId: string, descending: boolean): boolean {
  if (value !== otherValue) return value < otherValue !== descending;
  return id !== otherId && id < otherId !== descending;
}
