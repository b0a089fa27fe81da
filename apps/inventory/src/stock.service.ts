import { Injectable } from '@nestjs/common';
import { Id } from '@nakku/contracts';
import type { Actor } from '@nakku/observability';
import { decodeCursor, type Page, paged } from '@nakku/rpc';
import { z } from 'zod';
import { MovementRepository } from './movement.repository.js';
import { movementView, type MovementView, type StockQuery } from './stock.dto.js';
import { requireStore } from './store.js';
import { type StockLevel, stockView } from './stock.js';
import { StockRepository } from './stock.repository.js';

/** What staff look up. */
@Injectable()
export class StockService {
  constructor(
    private readonly stock: StockRepository,
    private readonly movements: MovementRepository,
  ) {}

  async list(actor: Actor, query: StockQuery, lowOnly = false): Promise<Page<StockLevel>> {
    const { limit, cursor, storeId, productId } = query;
    requireStore(actor, storeId);
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([Id, Id]));
    const rows = await this.stock.list({ storeId, productId, lowOnly, after }, limit + 1);
    return paged(rows.map(stockView), limit, (last) => [last.storeId, last.productId]);
  }

  async history(actor: Actor, { limit, cursor, storeId, productId }: StockQuery): Promise<Page<MovementView>> {
    requireStore(actor, storeId);
    const before = cursor === undefined ? undefined : decodeCursor(cursor, Id);
    const rows = await this.movements.list({ storeId, productId, before }, limit + 1);
    return paged(rows.map(movementView), limit, ({ id }) => id);
  }
}
