import { Amount, Currency, Id, Instant } from '@nakku/contracts';
import { dto, page } from '@nakku/rpc';
import { z } from 'zod';

const span = { from: Instant.optional(), to: Instant.optional() };
const count = z.int().min(0);
const spanView = { from: Instant, to: Instant };

export class SpanQuery extends dto(z.strictObject(span)) {}
export class SeriesQuery extends dto(z.strictObject({ ...span, interval: z.enum(['hour', 'day']).default('hour') })) {}
export class TopQuery extends dto(
  z.strictObject({ ...span, limit: z.coerce.number().int().min(1).max(100).default(20) }),
) {}

export class Summary extends dto(
  z.object({
    ...spanView,
    orders: z.object({
      placed: count,
      pending: count,
      confirmed: count,
      packed: count,
      delivered: count,
      cancelled: count,
      failed: count,
    }),
    revenueAmount: Amount,
    averageOrderAmount: Amount,
    currency: Currency,
    customers: count,
    stockOuts: count,
    delivery: z.object({ completed: count, averageMinutes: z.number() }),
    events: z.record(z.string(), count),
  }),
) {}
export class Series extends dto(page(z.object({ at: Instant, orders: count, revenueAmount: Amount }))) {}
export class TopProducts extends dto(
  page(z.object({ productId: Id, name: z.string(), quantity: count, amount: Amount })),
) {}
export class StorePerformance extends dto(
  page(z.object({ storeId: Id, orders: count, delivered: count, cancelled: count, revenueAmount: Amount })),
) {}
export class DeliveryPerformance extends dto(
  z.object({ ...spanView, completed: count, averageMinutes: z.number(), longestMinutes: count }),
) {}
