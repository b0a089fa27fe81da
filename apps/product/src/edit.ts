import { badRequest, Problem, unprocessable } from '@nakku/rpc';
import type { NewProduct, ProductChange } from './product.dto.js';
import type { Product } from './product.entity.js';

/** The version that a caller has seen; `any` is If-Match: *. */
export type Expected = number | 'any' | undefined;

/** A new product from what the client sent. */
export function created(body: NewProduct, id: string, at: string): Product {
  const { price, compareAt, ...fields } = body;
  const money = { price: price.amount, currency: price.currency, compareAt: null };
  const product = { ...fields, ...money, id, version: 1, createdAt: at, updatedAt: at, deletedAt: '' };
  return compareAt ? withCompareAt(product, compareAt) : product;
}

/** The product after a change: what was not sent stays, `compareAt: null` ends an offer. */
export function changed(current: Product, body: Omit<ProductChange, 'version'>, at: string): Product {
  const { price, compareAt, ...fields } = body;
  const money = price ? { price: price.amount, currency: price.currency } : {};
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const product: Product = { ...current, ...given, ...money, version: current.version + 1, updatedAt: at };
  if (compareAt === null) return { ...product, compareAt: null };
  const kept = product.compareAt === null ? undefined : { amount: product.compareAt, currency: current.currency };
  const offer = compareAt ?? kept;
  return offer ? withCompareAt(product, offer) : product;
}

function withCompareAt(product: Product, { amount, currency }: { amount: number; currency: string }): Product {
  if (currency === product.currency) return { ...product, compareAt: amount };
  throw unprocessable('CURRENCY_MISMATCH', 'price and compareAt must have the same currency.');
}

/** 400: a change has to say what it is based on. */
export const versionRequired = (): Problem =>
  badRequest('VERSION_REQUIRED', 'Send the version that you have read, as `version` or If-Match.');

/** 412: the product is not as the caller has seen it. */
export const staleVersion = (version?: number): Problem =>
  new Problem(412, 'VERSION_STALE', 'The product was changed meanwhile: read it again and repeat your change on it.', {
    extra: version === undefined ? {} : { version },
  });
