import { Id, Instant } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { Movement } from './movement.entity.js';

const StockShape = z.object({
  storeId: Id,
  productId: Id,
  onHand: z.int(),
  reserved: z.int(),
  available: z.int(),
  threshold: z.int(),
});
export class StockView extends dto(StockShape) {}
export class StockPage extends dto(page(StockShape)) {}

const MovementShape = z.object({
  id: Id,
  storeId: Id,
  productId: Id,
  type: z.enum(['seed', 'adjust', 'reserve', 'release', 'commit', 'transfer']),
  onHandDelta: z.int(),
  reservedDelta: z.int(),
  orderId: Id.optional(),
  reason: z.string().optional(),
  actorId: z.string(),
  at: Instant,
});
export class MovementView extends dto(MovementShape) {}
export class MovementPage extends dto(page(MovementShape)) {}

/** Staff have to name the store. */
export class StockQuery extends dto(
  z.strictObject({ ...PageQuery.shape, storeId: Id.optional(), productId: Id.optional() }),
) {}
export class LowStockQuery extends dto(z.strictObject({ ...PageQuery.shape, storeId: Id.optional() })) {}

export class NewAdjustment extends dto(
  z.strictObject({
    storeId: Id,
    productId: Id,
    delta: z
      .int()
      .min(-100_000)
      .max(100_000)
      .refine((delta) => delta !== 0, 'Nothing would change.'),
    reason: z.string().trim().min(1).max(200),
  }),
) {}

export const movementView = ({ orderId, reason, ...movement }: Movement): MovementView => ({
  ...movement,
  ...(orderId ? { orderId } : {}),
  ...(reason ? { reason } : {}),
});
