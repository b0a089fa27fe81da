import { Instant, Lat, Lng, OrderStatus, Shortage } from '@nakku/contracts';
import { dto } from '@nakku/rpc';
import { z } from 'zod';
import type { OrderUpdate } from './update.entity.js';

const Detail = z.object({
  reason: z.string().optional(),
  text: z.string().optional(),
  etaAt: Instant.optional(),
  riderName: z.string().optional(),
  lat: Lat.optional(),
  lng: Lng.optional(),
  minutes: z.int().optional(),
  shortages: z.array(Shortage).optional(),
});
const Entry = z.object({
  at: Instant,
  status: OrderStatus,
  event: z.string(),
  actor: z.enum(['customer', 'store', 'rider', 'system']),
  detail: Detail.optional(),
});
export class Timeline extends dto(z.object({ items: z.array(Entry) })) {}

export const timelineView = (updates: readonly OrderUpdate[]): Timeline => ({
  items: updates.map(({ at, status, event, actor, detail }) => ({
    at,
    status,
    event,
    actor,
    ...(detail ? { detail } : {}),
  })),
});

type Telling = Omit<OrderUpdate, 'orderId' | 'customerId' | 'actor' | 'detail'> & { detail?: object | null };

/** One server-sent event. `data` always has the status. */
export function streamEvent({ seq, kind, status, event, at, detail }: Telling): string {
  return `id: ${seq}\nevent: ${kind}\ndata: ${JSON.stringify({ ...detail, status, event, at })}\n\n`;
}

/** The present state as one event: the last status with the newest ETA and position, under the newest id. */
export function presentState(updates: readonly OrderUpdate[]): string | undefined {
  const status = updates.findLast(({ kind }) => kind === 'status');
  if (!status) return undefined;
  const etaAt = updates.findLast(({ detail }) => detail?.etaAt)?.detail?.etaAt;
  const position = updates.findLast(({ kind }) => kind === 'position')?.detail;
  const detail = { ...status.detail, ...(etaAt ? { etaAt } : {}), ...(position ? { position } : {}) };
  return streamEvent({ ...status, seq: updates.at(-1)!.seq, detail });
}
