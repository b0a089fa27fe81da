import { Injectable } from '@nestjs/common';
import { Cache } from '@nakku/cache';
import { Catalogue } from './catalogue.js';
import { CoPurchaseRepository } from './co-purchase.repository.js';
import { type Listed, productView } from './product.js';
import { ProductService } from './product.service.js';
import { alike } from './recommendation.js';

const KEPT_MS = 2000;
const MOST = 100;

/** What else to buy with a product. */
@Injectable()
export class RecommendationService {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly products: ProductService,
    private readonly coPurchases: CoPurchaseRepository,
    private readonly cache: Cache,
  ) {}

  /** First what others bought with it, then what is like it; 404 `PRODUCT_NOT_FOUND`. */
  async of(id: string, limit: number) {
    const product = await this.products.get(id);
    const bought = await this.cache.wrap(`product:bought-with:${id}`, KEPT_MS, () => this.coPurchases.of(id, MOST));
    const found = new Set(bought.map((other) => this.catalogue.live(other)).filter((other) => other !== undefined));
    if (found.size < limit) for (const other of this.like(product, limit)) found.add(other);
    return { items: [...found].slice(0, limit).map((other) => productView(other)), nextCursor: null };
  }

  private like(product: Listed, limit: number): Listed[] {
    const neighbours = [...this.catalogue.on(product.categoryId)];
    const others = neighbours.length > limit ? [] : this.catalogue.all().filter(({ brand }) => brand === product.brand);
    // What was bought together may take some of these places: enough are kept for all of them to be taken.
    return alike(product, new Set([...neighbours, ...others]), MOST + limit);
  }
}
