import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Periodic } from '@nakku/runtime';
import { Catalogue } from './catalogue.js';
import { CategoryRepository } from './category.repository.js';
import type { Product } from './product.entity.js';
import { type Mark, ProductRepository } from './product.repository.js';

/** Rows read and indexed in one go: some ten milliseconds, then others have their turn. */
const CHUNK = 250;
const MARKS = 2000;
/** A change may become visible this much after its `updated_at`: its transaction takes time, a replica lags, clocks differ. */
const OVERLAP_MS = 10_000;

/** Fills the catalogue at the start, and keeps it up with what other copies of this service change. */
@Injectable()
export class CatalogueService implements OnModuleInit {
  private shelves = 0;
  private since = '';

  constructor(
    private readonly catalogue: Catalogue,
    private readonly products: ProductRepository,
    private readonly categories: CategoryRepository,
    private readonly periodic: Periodic,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.load();
    this.periodic.every(1000, 'catalogue refresh', () => this.refresh());
    this.periodic.every(60_000, 'catalogue check', () => this.check());
  }

  /** Takes over what has changed in the last seconds. */
  async refresh(): Promise<void> {
    await this.takeSince(this.since);
  }

  /** Finds what `refresh` could not see, such as rows that a very long transaction has written. */
  async check(): Promise<void> {
    const { count, versions } = await this.products.fingerprint();
    if (count === this.catalogue.size && versions === this.catalogue.versions) return;
    await this.takeSince('');
  }

  /** Looks for products that are not known here: another copy may have made them a moment ago. */
  async seek(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.catalogue.get(id));
    if (unknown.length === 0) return;
    for (const product of await this.products.findMany(unknown)) this.catalogue.put(product);
  }

  /** Reads the categories if they have changed. */
  async arrange(): Promise<void> {
    const edition = await this.categories.edition();
    if (edition <= this.shelves) return;
    const shelves = await this.categories.all();
    if (edition <= this.shelves) return; // somebody else was faster, and may have read newer ones
    this.catalogue.arrange(shelves);
    this.shelves = edition;
  }

  private async load(): Promise<void> {
    const startedAt = Date.now();
    await this.arrange();
    for (let rows: Product[] | undefined; rows?.length !== 0;) {
      rows = await this.products.after(rows?.at(-1)?.id ?? '', CHUNK);
      for (const row of rows) this.catalogue.put(row);
      await nextTurn();
    }
    this.since = new Date(startedAt - OVERLAP_MS).toISOString();
  }

  private async takeSince(since: string): Promise<void> {
    const startedAt = Date.now();
    await this.arrange();
    for (let last: Mark | undefined; ;) {
      const marks = await this.products.changed(since, last, MARKS);
      await this.take(marks);
      last = marks.at(-1);
      if (marks.length < MARKS) break;
    }
    this.since = new Date(startedAt - OVERLAP_MS).toISOString();
  }

  private async take(marks: readonly Mark[]): Promise<void> {
    const stale = marks
      .filter(({ id, version }) => (this.catalogue.get(id)?.version ?? 0) < version)
      .map(({ id }) => id);
    while (stale.length > 0) {
      for (const row of await this.products.findMany(stale.splice(0, CHUNK))) this.catalogue.put(row);
      await nextTurn();
    }
  }
}
