import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id, Money } from './shapes.js';

/** What other domains need to know of a product. `active` is false once it was deleted. */
export const ProductSummary = z.object({
  id: Id,
  sku: z.string(),
  name: z.string(),
  unit: z.string(),
  imageUrl: z.string(),
  categoryId: Id,
  price: Money,
  active: z.boolean(),
});

export const product = contract('product', {
  /** The products of these ids, in no order; unknown ids are left out. */
  getMany: {
    input: z.object({ ids: z.array(Id).max(200) }),
    output: z.object({ items: z.array(ProductSummary) }),
    idempotent: true,
  },
});
export class ProductApi extends api(product) {}

const ProductEvent = z.object({ productId: Id, sku: z.string(), name: z.string(), price: Money, version: z.int() });
export const productCreated = event({ type: 'product.created', version: 1, key: 'productId', payload: ProductEvent });
export const productUpdated = event({ type: 'product.updated', version: 1, key: 'productId', payload: ProductEvent });
export const productDeleted = event({
  type: 'product.deleted',
  version: 1,
  key: 'productId',
  payload: z.object({ productId: Id }),
});
