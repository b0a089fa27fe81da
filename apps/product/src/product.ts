import type { ProductSummary } from '@nakku/contracts';
import type { z } from 'zod';
import type { Product } from './product.entity.js';

/** A product in memory. */
export interface Listed extends Omit<Product, 'updatedAt'> {
  /** Small and the same for as long as the process lives: what the search index calls it. */
  no: number;
  /** Numbers of its category and brand in the catalogue, to count by. */
  shelfNo: number;
  brandNo: number;
  /** What `sort=name` compares: letters of either case are equal. */
  sortName: string;
}

type Fields = Omit<Product, 'updatedAt'>;

export const isLive = ({ deletedAt }: Fields): boolean => deletedAt === '';

/** A product as clients see it. `available` only where a store was asked about. */
export function productView(product: Fields, available?: boolean) {
  const { id, sku, name, brand, categoryId, description, unit, imageUrl, price, compareAt, currency, version } =
    product;
  return {
    id,
    sku,
    name,
    brand,
    categoryId,
    description,
    unit,
    imageUrl,
    price: { amount: price, currency },
    ...(compareAt === null ? undefined : { compareAt: { amount: compareAt, currency } }),
    ...(available === undefined ? undefined : { available }),
    version,
  };
}

/** What other domains are told of a product. */
export function productSummary(product: Fields): z.output<typeof ProductSummary> {
  const { id, sku, name, unit, imageUrl, categoryId, price, currency } = product;
  return { id, sku, name, unit, imageUrl, categoryId, price: { amount: price, currency }, active: isLive(product) };
}

/** What a change of a product tells the world. */
export const productFact = ({ id, sku, name, price, currency, version }: Fields) => ({
  productId: id,
  sku,
  name,
  price: { amount: price, currency },
  version,
});
