import { Injectable } from '@nestjs/common';
import { DEFAULT_CURRENCY } from '@nakku/contracts';
import { Database, isUniqueViolation, now, seedId } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { z } from 'zod';
import { CatalogueService } from './catalogue.service.js';
import type { Category } from './category.entity.js';
import { CategoryRepository } from './category.repository.js';
import type { Product } from './product.entity.js';
import { ProductRepository } from './product.repository.js';

const SeedCategory = z.object({ slug: z.string(), name: z.string(), parent: z.string().nullable() });
const SeedProduct = z.object({
  sku: z.string(),
  name: z.string(),
  brand: z.string(),
  category: z.string(),
  description: z.string(),
  unit: z.string(),
  price: z.int(),
  compareAt: z.int().optional(),
  image: z.string(),
});

const HOUR_MS = 3600_000;
const ROWS = 100;

/** Loads the demo catalogue into an empty database. It tells nobody: everybody who needs it loads the same files. */
@Injectable()
export class ProductSeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly products: ProductRepository,
    private readonly categories: CategoryRepository,
    private readonly upkeep: CatalogueService,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if ((await this.products.fingerprint()).count > 0) return;
    const categories = readSeed('categories', z.array(SeedCategory)).map(category);
    const products = readSeed('products', z.array(SeedProduct)).map(product);
    try {
      await this.insert(categories, products);
    } catch (error) {
      // Another copy of the service was faster: what it has loaded is the same.
      if (!isUniqueViolation(error)) throw error;
    }
    await this.upkeep.refresh();
  }

  private insert(categories: Category[], products: Product[]): Promise<void> {
    return this.database.transaction(async () => {
      await this.categories.insert(categories);
      for (let from = 0; from < products.length; from += ROWS)
        await this.products.insert(products.slice(from, from + ROWS));
    });
  }
}

function category({ slug, name, parent }: z.output<typeof SeedCategory>): Category {
  const at = now();
  const parentId = parent === null ? null : seedId(`category:${parent}`);
  return {
    id: seedId(`category:${slug}`),
    name,
    slug,
    parentId,
    version: 1,
    createdAt: at,
    updatedAt: at,
    deletedAt: '',
  };
}

/** Spread over some weeks, and across the shelves: a list of the newest is then as mixed as a real shop's. */
function product(seed: z.output<typeof SeedProduct>, index: number, all: readonly unknown[]): Product {
  const { image, category: slug, compareAt = null, ...fields } = seed;
  const age = (index * 211) % all.length;
  return {
    ...fields,
    id: seedId(`product:${seed.sku}`),
    categoryId: seedId(`category:${slug}`),
    imageUrl: image,
    compareAt,
    currency: DEFAULT_CURRENCY,
    version: 1,
    createdAt: new Date(Date.now() - (age + 1) * HOUR_MS).toISOString(),
    updatedAt: now(),
    deletedAt: '',
  };
}
