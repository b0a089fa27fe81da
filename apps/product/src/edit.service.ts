import { Injectable } from '@nestjs/common';
import { productCreated, productDeleted, productUpdated } from '@nakku/contracts';
import { Database, isUniqueViolation, newId, now } from '@nakku/database';
import { conflict, Idempotency, notFound, unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { Catalogue } from './catalogue.js';
import { CategoryRepository } from './category.repository.js';
import { changed, created, type Expected, staleVersion, versionRequired } from './edit.js';
import type { NewProduct, ProductChange } from './product.dto.js';
import type { Product } from './product.entity.js';
import { isLive, productFact, productView } from './product.js';
import { ProductRepository } from './product.repository.js';

/** Creates, changes and deletes products. */
@Injectable()
export class EditService {
  constructor(
    private readonly database: Database,
    private readonly products: ProductRepository,
    private readonly categories: CategoryRepository,
    private readonly catalogue: Catalogue,
    private readonly events: EventBus,
    private readonly idempotency: Idempotency,
  ) {}

  /** 409 `SKU_TAKEN`, 422 `CATEGORY_NOT_FOUND`. */
  create(body: NewProduct) {
    return this.database.transaction(async () => {
      await this.requireCategory(body.categoryId);
      // Stamped after whatever there was to wait for: other copies of the service look only some seconds back.
      const product = created(body, newId(), now());
      await unlessTaken(product.sku, this.products.insert([product]));
      await this.events.publish(productCreated(productFact(product)));
      const view = productView(product);
      await this.idempotency.complete(201, view);
      this.show(product);
      return view;
    });
  }

  /** Changes a product that is still as the caller has seen it; 412 `VERSION_STALE`, 400 `VERSION_REQUIRED`. */
  async change(id: string, { version, ...fields }: ProductChange, ifMatch: Expected) {
    if (version === undefined && ifMatch === undefined) throw versionRequired();
    return this.database.transaction(async () => {
      const current = await this.current(id, version, ifMatch);
      const { categoryId = current.categoryId } = fields;
      if (categoryId !== current.categoryId) await this.requireCategory(categoryId);
      const product = changed(current, fields, now());
      await this.replace(product);
      await this.events.publish(productUpdated(productFact(product)));
      this.show(product);
      return productView(product);
    });
  }

  /** Takes a product off sale; what was ordered keeps its name and price. */
  async delete(id: string, ifMatch: Expected): Promise<void> {
    await this.database.transaction(async () => {
      const current = await this.current(id, ifMatch);
      const at = now();
      const product = { ...current, version: current.version + 1, updatedAt: at, deletedAt: at };
      await this.replace(product);
      await this.events.publish(productDeleted({ productId: id }));
      this.show(product);
    });
  }

  private async current(id: string, ...expected: Expected[]): Promise<Product> {
    const product = await this.products.hold(id);
    if (!product || !isLive(product)) throw notFound('product');
    const { version } = product;
    if (expected.some((each) => each !== undefined && each !== 'any' && each !== version)) throw staleVersion(version);
    return product;
  }

  private async requireCategory(id: string): Promise<void> {
    if (await this.categories.hold(id)) return;
    throw unprocessable('CATEGORY_NOT_FOUND', 'There is no such category: take an id from GET /categories.');
  }

  private async replace(product: Product): Promise<void> {
    if (!(await unlessTaken(product.sku, this.products.replace(product)))) throw staleVersion();
  }

  private show(product: Product): void {
    this.database.afterCommit(() => this.catalogue.put(product));
  }
}

async function unlessTaken<T>(sku: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict('SKU_TAKEN', `Another product has the sku ${sku}.`);
    throw error;
  }
}
