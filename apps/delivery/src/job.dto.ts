import { AddressFields, Id, Instant, JobStatus, LatLng } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { Delivery, Drop } from './delivery.entity.js';
import type { Job } from './job.entity.js';

const View = z.object({
  id: Id,
  orderId: Id,
  storeId: Id,
  status: JobStatus,
  offerExpiresAt: Instant,
  pickup: LatLng.extend({ name: z.string() }),
  /** The whole address while the rider has the job; else only the area. */
  drop: AddressFields.partial().extend({ city: z.string(), postalCode: z.string() }).extend(LatLng.shape),
});

export class JobView extends dto(View) {}
export class JobList extends dto(page(View)) {}
export class JobQuery extends dto(PageQuery) {}
export class FailJob extends dto(z.strictObject({ reason: z.string().trim().min(1).max(191) })) {}
export class CompleteJob extends dto(z.strictObject({ otp: z.string().trim().min(1).max(12) })) {}

/** The address of a confirmed order: a job is never made without one. */
export function dropOf({ orderId, address }: Delivery): Drop {
  if (!address) throw new Error(`the delivery of order ${orderId} has a job but no address`);
  return address;
}

/** A job as its rider sees it. */
export function jobView(
  { id, orderId, storeId, status, offerExpiresAt, pickup }: Job,
  delivery: Delivery,
): z.output<typeof View> {
  const drop = dropOf(delivery);
  const mine = status === 'accepted' || status === 'picked_up';
  return { id, orderId, storeId, status, offerExpiresAt, pickup, drop: mine ? drop : area(drop) };
}

/** To within a kilometre: enough to decide by, and not where somebody lives. */
const area = ({ city, postalCode, lat, lng }: Drop) => ({
  city,
  postalCode,
  lat: Number(lat.toFixed(2)),
  lng: Number(lng.toFixed(2)),
});
