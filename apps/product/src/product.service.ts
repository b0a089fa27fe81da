import { Injectable } from '@nestjs/common';
import type { ProductApi } from '@nakku/contracts';
import { type Input, notFound, type Output } from '@nakku/rpc';
import { Catalogue } from './catalogue.js';
import { CatalogueService } from './catalogue.service.js';
import { type Listed, productSummary } from './product.js';

/** Looks products up. */
@Injectable()
export class ProductService implements ProductApi {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly upkeep: CatalogueService,
  ) {}

  /** A product that is for sale; 404 `PRODUCT_NOT_FOUND`. */
  async get(id: string): Promise<Listed> {
    if (!this.catalogue.get(id)) await this.upkeep.seek([id]);
    const product = this.catalogue.live(id);
    if (!product) throw notFound('product');
    return product;
  }

  /** Unknown ids are left out; deleted products are told as not active, for those who still have them in a cart. */
  async getMany({ ids }: Input<ProductApi, 'getMany'>): Promise<Output<ProductApi, 'getMany'>> {
    await this.upkeep.seek(ids);
    const known = ids.map((id) => this.catalogue.get(id)).filter((product) => product !== undefined);
    return { items: known.map(productSummary) };
  }
}
