import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeCursor, paged, unavailable } from '@nakku/rpc';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { Catalogue } from './catalogue.js';
import { countFacets, type Facets } from './facets.js';
import { firstAfter, type Selection, type Sort } from './listing.js';
import type { ProductQuery } from './product.dto.js';
import { type Listed, productView } from './product.js';
import { type Hits, LAST_STAGE } from './search.js';
import { type Stock, StockService } from './stock.service.js';

/** Which list and sort it belongs to, how the query was read, and the place of the last product. */
const Cursor = z.tuple([z.string(), z.int().min(0).max(LAST_STAGE), z.union([z.string(), z.number()]), z.string()]);

interface Counted extends Selection {
  /** Which reading of the search found them. */
  stage: number;
  facets: Facets;
}

interface Found {
  products: Listed[];
  nextCursor: string | null;
  facets: Facets;
}

const KEPT_MS = 2000;

/** Lists and searches the catalogue. What was computed is kept for two seconds, or until the catalogue changes. */
@Injectable()
export class ListingService {
  private readonly selections = new LRUCache<string, Counted>({
    maxSize: 1_000_000,
    sizeCalculation: ({ products }) => products.length + 1,
    ttl: KEPT_MS,
  });
  private readonly lists = new LRUCache<string, Found>({ max: 1000, ttl: KEPT_MS });
  private generation = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly stock: StockService,
  ) {}

  /** One page of the products that fit; 400 `INVALID_CURSOR`, 503 when `inStock` is asked for and inventory is down. */
  async list(query: ProductQuery) {
    const stock = query.inStock || query.storeId ? await this.stock.of(query.storeId) : undefined;
    if (query.inStock && !stock)
      throw unavailable('Inventory does not answer: ask without inStock, or again in a moment.');
    const { products, nextCursor, facets } = this.find(query, query.inStock ? stock : undefined);
    const available = (id: string) => (query.storeId ? stock?.ids.has(id) : undefined);
    return { items: products.map((product) => productView(product, available(product.id))), nextCursor, facets };
  }

  private find(query: ProductQuery, stock: Stock | undefined): Found {
    if (this.generation !== this.catalogue.generation) this.forget();
    const filter = filterOf(query);
    const sort = sortOf(query);
    const key = `${filter} ${stock?.serial ?? ''} ${sort} ${query.limit} ${query.cursor ?? ''}`;
    const known = this.lists.get(key);
    if (known) return known;
    const found = this.page(query, filter, sort, stock);
    this.lists.set(key, found);
    return found;
  }

  private page(query: ProductQuery, filter: string, sort: Sort, stock: Stock | undefined): Found {
    const mark = createHash('sha1').update(`${sort} ${filter}`).digest('base64url').slice(0, 12);
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor, mark);
    const selection = this.select(query, filter, after?.stage, stock);
    const rows = firstAfter(selection, sort, after?.place, query.limit + 1);
    const { items, nextCursor } = paged(rows, query.limit, ({ value, id }) => [mark, selection.stage, value, id]);
    return { products: items.map(({ product }) => product), nextCursor, facets: selection.facets };
  }

  private select(query: ProductQuery, filter: string, stage: number | undefined, stock: Stock | undefined): Counted {
    const key = `${filter} ${stock?.serial ?? ''} ${stage ?? ''}`;
    const known = this.selections.get(key);
    if (known) return known;
    const hits = this.candidates(query, stage);
    const fits = this.filter(query, stock);
    const products = hits.products.filter(fits);
    // Scores belong to positions: what drops a product drops its score.
    const scores = hits.scores.filter((_, at) => fits(hits.products[at]!));
    const selection = { products, scores, stage: hits.stage, facets: countFacets(products, this.catalogue) };
    this.selections.set(key, selection);
    return selection;
  }

  private candidates({ q, category }: ProductQuery, stage: number | undefined): Hits {
    if (q) return this.catalogue.search.find(q, stage);
    const products = category ? this.below(category).flatMap((id) => [...this.catalogue.on(id)]) : this.catalogue.all();
    return { stage: 0, products, scores: [] };
  }

  /** The ids of a category (by id or slug) and those below it; none for an unknown one. */
  private below(category: string): string[] {
    const { tree } = this.catalogue;
    const shelf = tree.get(category);
    return shelf ? [...tree.below(shelf.id)] : [];
  }

  private filter({ category, brand, minPrice = 0, maxPrice = Infinity }: ProductQuery, stock: Stock | undefined) {
    const categories = category ? new Set(this.below(category)) : undefined;
    const lowerBrand = brand?.toLowerCase();
    return (product: Listed): boolean =>
      product.price >= minPrice &&
      product.price <= maxPrice &&
      (!categories || categories.has(product.categoryId)) &&
      (!lowerBrand || product.brand.toLowerCase() === lowerBrand) &&
      (!stock || stock.ids.has(product.id));
  }

  private forget(): void {
    this.selections.clear();
    this.lists.clear();
    this.generation = this.catalogue.generation;
  }
}

/** Without a sort, a search is by relevance and everything else the newest first; so is relevance to nothing. */
function sortOf({ sort, q }: ProductQuery): Sort {
  if (!q) return sort === undefined || sort === 'relevance' ? 'newest' : sort;
  return sort ?? 'relevance';
}

/** Everything that decides which products fit, in one spelling. */
function filterOf({ q, category, brand, minPrice, maxPrice, storeId, inStock }: ProductQuery): string {
  return JSON.stringify([
    q?.toLowerCase(),
    category,
    brand?.toLowerCase(),
    minPrice,
    maxPrice,
    storeId,
    inStock ?? false,
  ]);
}

function readCursor(cursor: string, mark: string) {
  const [, stage, value, id] = decodeCursor(
    cursor,
    Cursor.refine(([of]) => of === mark),
  );
  return { stage, place: { value, id } };
}
