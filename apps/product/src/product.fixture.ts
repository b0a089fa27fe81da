import { randomUUID } from 'node:crypto';
import { Catalogue } from './catalogue.js';
import type { Shelf } from './category.js';
import type { Product } from './product.entity.js';

/** A product for tests; its sku is its id unless given. */
export function aProduct(given: Partial<Product> = {}): Product {
  const id = given.id ?? randomUUID();
  const at = '2026-01-01T00:00:00.000Z';
  const texts = { sku: id, name: 'Toned Milk', brand: 'Gopala', description: '', unit: '1 L', imageUrl: '' };
  const money = { price: 5600, compareAt: null, currency: 'INR' };
  return {
    id,
    categoryId: 'milk',
    ...texts,
    ...money,
    version: 1,
    createdAt: at,
    updatedAt: at,
    deletedAt: '',
    ...given,
  };
}

export const aShelf = (slug: string, name: string, parentId: string | null = null): Shelf => ({
  id: slug,
  slug,
  name,
  parentId,
});

/** A catalogue with these products, and with the categories `dairy` (with `milk` and `cheese` in it) and `fruit`. */
export function aCatalogue(products: Partial<Product>[]): Catalogue {
  const catalogue = new Catalogue();
  catalogue.arrange([
    aShelf('dairy', 'Dairy, Bread & Eggs'),
    aShelf('milk', 'Milk & Curd', 'dairy'),
    aShelf('cheese', 'Cheese', 'dairy'),
    aShelf('fruit', 'Fresh Fruits'),
  ]);
  for (const product of products) catalogue.put(aProduct(product));
  return catalogue;
}
