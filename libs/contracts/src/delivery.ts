import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id, Instant, Lat, Lng } from './shapes.js';

export const JobStatus = z.enum(['offered', 'accepted', 'picked_up', 'completed', 'failed', 'lapsed']);

export const delivery = contract('delivery', {
  /** The one-time password that the customer tells the rider. Only order may ask, for the order's owner. */
  getOtp: { input: z.object({ orderId: Id }), output: z.object({ otp: z.string().optional() }), idempotent: true },
});
export class DeliveryApi extends api(delivery) {}

const Base = z.object({ orderId: Id, customerId: Id, storeId: Id });
/** A rider is being looked for. */
export const deliveryScheduled = event({
  type: 'delivery.scheduled',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ etaAt: Instant }),
});
/** A rider accepted. */
export const deliveryAssigned = event({
  type: 'delivery.assigned',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ jobId: Id, riderId: Id, riderName: z.string(), etaAt: Instant }),
});
/** The rider has the bag and is under way. */
export const deliveryStarted = event({
  type: 'delivery.started',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ jobId: Id, riderId: Id, riderName: z.string(), etaAt: Instant }),
});
export const deliveryPosition = event({
  type: 'delivery.position',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ riderId: Id, lat: Lat, lng: Lng, etaAt: Instant }),
});
export const deliveryCompleted = event({
  type: 'delivery.completed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({ jobId: Id, riderId: Id, minutes: z.int() }),
});
/** `final`: nobody will try again (the bag was on the road, or no rider was found in time); otherwise another rider is looked for. */
export const deliveryFailed = event({
  type: 'delivery.failed',
  version: 1,
  key: 'orderId',
  payload: Base.extend({
    jobId: Id.optional(),
    riderId: Id.optional(),
    reason: z.string(),
    pickedUp: z.boolean(),
    final: z.boolean(),
  }),
});
