import { Injectable } from '@nestjs/common';
import { CategoryTree, type Shelf } from './category.js';
import type { Product } from './product.entity.js';
import { isLive, type Listed } from './product.js';
import { Names } from './names.js';
import { SearchIndex } from './search.js';

/** Everything there is to sell, in memory: reads never ask the database. Deleted products are known too, and listed nowhere. */
@Injectable()
export class Catalogue {
  private readonly products = new Map<string, Listed>();
  private readonly shelves = new Map<string, Set<Listed>>();
  private readonly numbered: (Listed | undefined)[] = [];
  private readonly texts = new Names();
  private categories = new CategoryTree([]);
  readonly brands = new Names();
  readonly shelfIds = new Names();
  readonly search = new SearchIndex({
    meanings: (word, typos) => this.categories.meanings(word, typos),
    on: (categoryId) => this.on(categoryId),
  });
  /** Grows with every change: what was computed from an older generation is out of date. */
  generation = 0;
  /** The sum of all versions, deleted products included: equal to that of the database when nothing was missed. */
  versions = 0;

  get tree(): CategoryTree {
    return this.categories;
  }

  /** How many products are known, deleted ones included. */
  get size(): number {
    return this.products.size;
  }

  /** A product, deleted or not. */
  get(id: string): Listed | undefined {
    return this.products.get(id);
  }

  /** A product that is for sale. */
  live(id: string): Listed | undefined {
    const product = this.products.get(id);
    return product && isLive(product) ? product : undefined;
  }

  /** Every product for sale, in no order. */
  all(): Listed[] {
    return this.numbered.filter((product) => product !== undefined);
  }

  /** The products directly in a category. */
  on(categoryId: string): ReadonlySet<Listed> {
    return this.shelves.get(categoryId) ?? NOTHING;
  }

  /** How many products are in a category and those below it. */
  count(categoryId: string): number {
    return [...this.categories.below(categoryId)].reduce((sum, id) => sum + this.on(id).size, 0);
  }

  /** Takes a product as it is now. What is older than what is known is left out: changes may arrive in any order. */
  put(product: Product): void {
    const old = this.products.get(product.id);
    if (old && old.version >= product.version) return;
    const listed = this.compact(product, old?.no ?? this.products.size);
    this.products.set(listed.id, listed);
    this.versions += listed.version - (old?.version ?? 0);
    this.generation++;
    if (old) this.shelves.get(old.categoryId)?.delete(old);
    this.numbered[listed.no] = isLive(listed) ? listed : undefined;
    if (!isLive(listed)) return this.search.remove(listed);
    this.shelf(listed.categoryId).add(listed);
    this.search.put(listed);
  }

  /** Takes the categories as they are now. */
  arrange(shelves: readonly Shelf[]): void {
    this.categories = new CategoryTree(shelves);
    this.generation++;
  }

  private shelf(categoryId: string): Set<Listed> {
    const known = this.shelves.get(categoryId);
    if (known) return known;
    const shelf = new Set<Listed>();
    this.shelves.set(categoryId, shelf);
    return shelf;
  }

  private compact(product: Product, no: number): Listed {
    const shelfNo = this.shelfIds.number(product.categoryId);
    const brandNo = this.brands.number(product.brand);
    // Written out: objects made by spreading many fields become hash tables, twice as large and many times slower.
    return {
      id: product.id,
      no,
      sku: product.sku,
      name: product.name,
      sortName: product.name.toLowerCase(),
      brand: this.brands.text(brandNo),
      brandNo,
      categoryId: this.shelfIds.text(shelfNo),
      shelfNo,
      description: product.description,
      unit: this.texts.shared(product.unit),
      imageUrl: product.imageUrl,
      price: product.price,
      compareAt: product.compareAt,
      currency: this.texts.shared(product.currency),
      version: product.version,
      createdAt: product.createdAt,
      deletedAt: product.deletedAt,
    };
  }
}

const NOTHING: ReadonlySet<Listed> = new Set();
