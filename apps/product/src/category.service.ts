import { Injectable, Logger } from '@nestjs/common';
import { Database, isUniqueViolation, newId, now } from '@nakku/database';
import { conflict, decodeCursor, Idempotency, notFound, paged } from '@nakku/rpc';
import { z } from 'zod';
import { Catalogue } from './catalogue.js';
import { CatalogueService } from './catalogue.service.js';
import type { CategoryChange, CategoryQuery, NewCategory } from './category.dto.js';
import { CategoryTree, requirePlace, type Shelf } from './category.js';
import { CategoryRepository } from './category.repository.js';
import { ProductRepository } from './product.repository.js';

const Cursor = z.tuple([z.string(), z.string()]);

/** The category tree. */
@Injectable()
export class CategoryService {
  private readonly logger = new Logger(CategoryService.name);

  constructor(
    private readonly database: Database,
    private readonly categories: CategoryRepository,
    private readonly products: ProductRepository,
    private readonly catalogue: Catalogue,
    private readonly upkeep: CatalogueService,
    private readonly idempotency: Idempotency,
  ) {}

  /** By name, and not told apart by case. */
  list({ limit, cursor }: CategoryQuery) {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, Cursor);
    const rows = this.catalogue.tree.all
      .map((shelf) => ({ shelf, place: placeOf(shelf) }))
      .filter(({ place }) => !after || compare(after, place) < 0)
      .sort((a, b) => compare(a.place, b.place))
      .slice(0, limit + 1);
    const { items, nextCursor } = paged(rows, limit, ({ place }) => place);
    return { items: items.map(({ shelf }) => this.view(shelf)), nextCursor };
  }

  /** 409 `SLUG_TAKEN`; 422 `CATEGORY_NOT_FOUND` for the parent, `CATEGORY_TOO_DEEP`. */
  async create({ name, slug, parentId = null }: NewCategory) {
    const at = now();
    const category = { id: newId(), name, slug, parentId, version: 1, createdAt: at, updatedAt: at, deletedAt: '' };
    const view = await this.database.transaction(async () => {
      if (parentId) await this.categories.hold(parentId);
      requirePlace(await this.tree(), undefined, parentId);
      await unlessTaken(slug, this.categories.insert([category]));
      const answer = this.view(category);
      await this.idempotency.complete(201, answer);
      return answer;
    });
    await this.show();
    return view;
  }

  /** Renames or moves a category; 404, 409 `SLUG_TAKEN`, 422 `CATEGORY_NOT_FOUND`, `CATEGORY_CYCLE`, `CATEGORY_TOO_DEEP`. */
  async change(id: string, body: CategoryChange) {
    const category = await this.database.transaction(async () => {
      // Two moves at once could close a circle that neither of them sees.
      await this.categories.holdAll();
      const tree = await this.tree();
      const current = tree.get(id);
      if (!current) throw notFound('category');
      const { name = current.name, slug = current.slug, parentId = current.parentId } = body;
      requirePlace(tree, id, parentId);
      await unlessTaken(slug, this.categories.change(id, { name, slug, parentId, updatedAt: now() }));
      return { id, name, slug, parentId };
    });
    await this.show();
    return this.view(category);
  }

  /** 404; 409 `CATEGORY_NOT_EMPTY` while it has products or categories. */
  async delete(id: string): Promise<void> {
    await this.database.transaction(async () => {
      const at = now();
      // First the write: it keeps new products and categories out until this transaction ends.
      if (!(await this.categories.change(id, { deletedAt: at, updatedAt: at }))) throw notFound('category');
      if ((await this.tree()).hasChildren(id) || (await this.products.anyIn(id))) {
        throw conflict('CATEGORY_NOT_EMPTY', 'Move or delete its products and categories first.');
      }
    });
    await this.show();
  }

  private async tree(): Promise<CategoryTree> {
    return new CategoryTree(await this.categories.all());
  }

  private view({ id, name, slug, parentId }: Shelf) {
    return { id, name, slug, ...(parentId ? { parentId } : undefined), productCount: this.catalogue.count(id) };
  }

  /** What was committed stays so if this fails: the refresh shows it a second later. */
  private async show(): Promise<void> {
    await this.upkeep
      .arrange()
      .catch((err: unknown) => this.logger.warn({ err }, 'the categories could not be read again'));
  }
}

const placeOf = ({ name, id }: Shelf): [string, string] => [name.toLowerCase(), id];

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a[0] === b[0] ? 1 : 0;
  return a[at] === b[at] ? 0 : a[at]! < b[at]! ? -1 : 1;
}

async function unlessTaken<T>(slug: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict('SLUG_TAKEN', `Another category has the slug ${slug}.`);
    throw error;
  }
}
