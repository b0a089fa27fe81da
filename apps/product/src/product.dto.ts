import { Amount, Currency, DEFAULT_CURRENCY, Id } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import { SORTS } from './listing.js';

/** A crore of rupees: far below what a column of 32 bits holds. */
const MAX_PRICE = 1_000_000_000;
const Paise = z.coerce.number().int().min(0).max(MAX_PRICE);
const text = (max: number) => z.string().trim().min(1).max(max);

const Price = z.strictObject({ amount: z.int().min(0).max(MAX_PRICE), currency: Currency.default(DEFAULT_CURRENCY) });
/** An address on the web or a path on this server; no other scheme, which a client might run. */
const ImageUrl = z
  .string()
  .max(500)
  .regex(/^(https?:\/\/\S+|(?![a-z][a-z0-9+.-]*:|\/\/)\S*)$/i, 'must be an http(s) URL or a path');

const Fields = z.strictObject({
  sku: text(64).regex(/^\S+$/, 'must not have blanks'),
  name: text(160),
  brand: text(100),
  categoryId: Id,
  description: z.string().trim().max(2000).default(''),
  unit: text(40),
  imageUrl: ImageUrl.default(''),
  price: Price,
  compareAt: Price.optional(),
});

export class NewProduct extends dto(Fields) {}

export class ProductChange extends dto(
  z.strictObject({
    ...Fields.partial().shape,
    description: z.string().trim().max(2000).optional(),
    imageUrl: ImageUrl.optional(),
    compareAt: Price.nullable().optional(),
    /** The version that the change is based on; or send it as If-Match. */
    version: z.int().min(1).optional(),
  }),
) {}

export class ProductQuery extends dto(
  PageQuery.extend({
    q: z.string().trim().max(200).optional(),
    category: z.string().max(100).optional(),
    brand: z.string().trim().max(100).optional(),
    minPrice: Paise.optional(),
    maxPrice: Paise.optional(),
    storeId: Id.optional(),
    inStock: z.stringbool().optional(),
    sort: z.enum(SORTS).optional(),
  }).refine(({ minPrice = 0, maxPrice = MAX_PRICE }) => minPrice <= maxPrice, {
    path: ['minPrice'],
    message: 'must not be above maxPrice',
  }),
) {}

export class RecommendationQuery extends dto(z.strictObject({ limit: PageQuery.shape.limit })) {}

const Money = z.object({ amount: Amount, currency: Currency });
const ProductShape = z.object({
  id: Id,
  sku: z.string(),
  name: z.string(),
  brand: z.string(),
  categoryId: Id,
  description: z.string(),
  unit: z.string(),
  imageUrl: z.string(),
  price: Money,
  compareAt: Money.optional(),
  /** Whether the store of the query can sell it right now. */
  available: z.boolean().optional(),
  version: z.int(),
});
const Facet = z.object({ value: z.string(), label: z.string(), count: z.int() });

export class ProductView extends dto(ProductShape) {}
export class ProductPage extends dto(page(ProductShape)) {}
export class ProductList extends dto(
  page(ProductShape).extend({
    facets: z.object({ category: z.array(Facet), brand: z.array(Facet), price: z.array(Facet) }),
  }),
) {}
