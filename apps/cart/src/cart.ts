import { type CartLine, DEFAULT_CURRENCY, type ProductSummary } from '@nakku/contracts';
import type { z } from 'zod';
import { type CouponTerms, discountOf } from './coupon.js';

/** How many different products a cart holds, and how many pieces of each. */
export const MAX_LINES = 100;
export const MAX_QUANTITY = 50;

type Product = z.output<typeof ProductSummary>;
type Item = z.output<typeof CartLine>;

/** A line as the customer left it; `unitPrice` is what it cost then. */
export interface Line {
  productId: string;
  quantity: number;
  unitPrice: number;
  addedAt: string;
}

/** What is known of products right now. `stock` is undefined while nobody can tell. */
export interface Market {
  products: ReadonlyMap<string, Product>;
  stock?: ReadonlyMap<string, number>;
}

/** Something that a customer should know before ordering. Prices in minor units. */
export interface Notice {
  code: string;
  message: string;
  productId?: string;
  was?: number;
  now?: number;
  requested?: number;
  available?: number;
}

/** What is charged besides the products: minor units and hundredths of a percent. */
export interface Tariff {
  deliveryFee: number;
  freeDeliveryFrom: number;
  taxBasisPoints: number;
}

/** The product if it is still sold; what is priced in another currency cannot be added up with the rest. */
export function soldProduct({ products }: Market, productId: string): Product | undefined {
  const product = products.get(productId);
  return product?.active && product.price.currency === DEFAULT_CURRENCY ? product : undefined;
}

/** Prices the lines by the market. Products that are no longer sold are left out, with a notice. */
export function priceLines(lines: readonly Line[], market: Market) {
  const items: Item[] = [];
  const notices: Notice[] = [];
  for (const line of lines) {
    const product = soldProduct(market, line.productId);
    if (!product) {
      notices.push(gone(line.productId));
      continue;
    }
    const unitPrice = product.price.amount;
    const { productId, quantity } = line;
    const stock = market.stock?.get(productId) ?? (market.stock ? 0 : Infinity);
    items.push({
      productId,
      name: product.name,
      quantity,
      unitPrice,
      lineTotal: unitPrice * quantity,
      available: quantity <= stock,
    });
    if (unitPrice !== line.unitPrice) notices.push(priceChanged(line, unitPrice));
    if (quantity > stock) notices.push(shortage(line, stock));
  }
  if (items.length > 0 && !market.stock) notices.push(STOCK_UNKNOWN);
  return { items, notices };
}

/** What the cart costs: subtotal − discount + deliveryFee + tax = total. An empty cart costs nothing. */
export function totals(items: readonly Item[], coupon: CouponTerms | undefined, tariff: Tariff) {
  const subtotal = subtotalOf(items);
  const discount = discountOf(coupon, subtotal);
  const taxed = subtotal - discount;
  const freeDelivery = items.length === 0 || coupon?.kind === 'free_delivery' || taxed >= tariff.freeDeliveryFrom;
  const deliveryFee = freeDelivery ? 0 : tariff.deliveryFee;
  const tax = Math.floor((taxed * tariff.taxBasisPoints + 5000) / 10_000);
  return { subtotal, discount, deliveryFee, tax, total: taxed + deliveryFee + tax, currency: DEFAULT_CURRENCY };
}

export const subtotalOf = (items: readonly Item[]): number => items.reduce((sum, { lineTotal }) => sum + lineTotal, 0);

/** The lines of `mine` that grow or are added when `theirs` move in; what exceeds a limit is left behind. */
export function mergedLines(mine: readonly Line[], theirs: readonly Line[]): Line[] {
  let room = MAX_LINES - mine.length;
  return theirs.flatMap((line) => {
    const known = mine.find(({ productId }) => productId === line.productId);
    if (known) return [{ ...known, quantity: Math.min(MAX_QUANTITY, known.quantity + line.quantity) }];
    return room-- > 0 ? [line] : [];
  });
}

/** What stays of the lines when an order takes its share: what the customer has added meanwhile. */
export function withoutOrdered(lines: readonly Line[], ordered: readonly { productId: string; quantity: number }[]) {
  const taken = new Map(ordered.map(({ productId, quantity }) => [productId, quantity]));
  const touched = lines.filter(({ productId }) => taken.has(productId));
  const rest = touched.map((line) => ({ ...line, quantity: line.quantity - taken.get(line.productId)! }));
  return {
    reduced: rest.filter(({ quantity }) => quantity > 0),
    removed: rest.filter(({ quantity }) => quantity <= 0).map(({ productId }) => productId),
  };
}

const STOCK_UNKNOWN: Notice = { code: 'STOCK_UNKNOWN', message: 'The stock cannot be checked at the moment.' };

const gone = (productId: string): Notice => ({
  code: 'PRODUCT_GONE',
  message: 'This product is no longer sold: remove it.',
  productId,
});

const priceChanged = ({ productId, unitPrice }: Line, now: number): Notice => ({
  code: 'PRICE_CHANGED',
  message: 'The price has changed since the product was put into the cart.',
  productId,
  was: unitPrice,
  now,
});

const shortage = ({ productId, quantity }: Line, available: number): Notice => ({
  code: 'SHORTAGE',
  message: available > 0 ? `Only ${available} can be had right now.` : 'This product is out of stock right now.',
  productId,
  requested: quantity,
  available,
});
