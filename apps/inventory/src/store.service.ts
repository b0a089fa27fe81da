import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, newId } from '@nakku/database';
import { conflict, decodeCursor, Idempotency, notFound, type Page, paged, unprocessable } from '@nakku/rpc';
import { z } from 'zod';
import { InventorySettings } from './inventory.config.js';
import type { NewStore, PatchStore, StoreQuery } from './store.dto.js';
import type { Store } from './store.entity.js';
import { codeOf, storeView, type StoreView } from './store.js';
import { StoreRepository } from './store.repository.js';

/** The dark stores. */
@Injectable()
export class StoreService {
  constructor(
    private readonly database: Database,
    private readonly stores: StoreRepository,
    private readonly idempotency: Idempotency,
    private readonly settings: InventorySettings,
  ) {}

  async get(id: string): Promise<StoreView> {
    const store = await this.stores.find(id);
    if (!store) throw notFound('store');
    return this.view(store);
  }

  async all(): Promise<StoreView[]> {
    return (await this.stores.list()).map((store) => this.view(store));
  }

  async list({ limit, cursor }: StoreQuery): Promise<Page<StoreView>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.string().max(64));
    const rows = (await this.stores.list(after, limit + 1)).map((store) => this.view(store));
    return paged(rows, limit, ({ code }) => code);
  }

  add({ code, name, lat, lng, hours, open }: NewStore): Promise<StoreView> {
    const store: Store = {
      ...{ id: newId(), code: code ?? codeOf(name), name, lat, lng },
      ...{ opensAt: hours.open, closesAt: hours.close, switchedOn: open },
    };
    if (store.code === '') throw unprocessable('STORE_CODE_NEEDED', 'No code can be made of this name: send a code.');
    return this.database.transaction(async () => {
      await this.insert(store);
      const view = this.view(store);
      await this.idempotency.complete(201, view);
      return view;
    });
  }

  change(id: string, { hours, open, ...fields }: PatchStore): Promise<StoreView> {
    const changes = {
      ...fields,
      ...(hours ? { opensAt: hours.open, closesAt: hours.close } : {}),
      ...(open === undefined ? {} : { switchedOn: open }),
    };
    if (Object.keys(changes).length === 0) return this.get(id);
    return this.database.transaction(async () => {
      if (!(await this.stores.update(id, changes))) throw notFound('store');
      return this.get(id);
    });
  }

  private async insert(store: Store): Promise<void> {
    try {
      await this.stores.insert([store]);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw conflict('STORE_CODE_TAKEN', `There is a store with the code ${store.code}: send another one.`);
    }
  }

  private view(store: Store): StoreView {
    return storeView(store, new Date(), this.settings.INVENTORY_TIME_ZONE);
  }
}
