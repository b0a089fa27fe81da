import { Id, LatLng } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import { positionOf } from './delivery.js';
import type { Rider } from './rider.entity.js';

const Status = z.enum(['online', 'offline', 'busy']);
export const Vehicle = z.enum(['bike', 'scooter', 'bicycle', 'ev']);
const View = z.object({ id: Id, userId: Id, name: z.string(), status: Status, position: LatLng.optional() });

export class RiderView extends dto(View) {}
export class RiderList extends dto(page(View)) {}
export class RiderQuery extends dto(PageQuery.extend({ status: Status.optional(), storeId: Id.optional() })) {}
export class NewRider extends dto(z.strictObject({ userId: Id, vehicle: Vehicle, storeId: Id })) {}
export class RiderChange extends dto(z.strictObject({ status: z.enum(['online', 'offline']) })) {}
export class RiderPosition extends dto(z.strictObject(LatLng.shape)) {}

/** A rider as he himself and admins see him. */
export function riderView(rider: Rider): z.output<typeof View> {
  const { id, userId, name, status } = rider;
  const position = positionOf(rider);
  return { id, userId, name, status, ...(position ? { position } : {}) };
}
