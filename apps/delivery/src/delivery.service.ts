import { Injectable } from '@nestjs/common';
import { worksAt } from '@nakku/auth';
import type { DeliveryApi } from '@nakku/contracts';
import type { Actor } from '@nakku/observability';
import { type Input, notFound, type Output } from '@nakku/rpc';
import { positionOf } from './delivery.js';
import type { RouteView, TrackingView } from './delivery.dto.js';
import type { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { dropOf } from './job.dto.js';
import { JobRepository } from './job.repository.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';
import { type Errand, route } from './route.js';
import { WhereaboutsService } from './whereabouts.service.js';

/** What others may know of a delivery. */
@Injectable()
export class DeliveryService implements DeliveryApi {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly whereabouts: WhereaboutsService,
  ) {}

  /** The customer's password, from the moment a rider is assigned until the hand-over. */
  async getOtp({ orderId }: Input<DeliveryApi, 'getOtp'>): Promise<Output<DeliveryApi, 'getOtp'>> {
    const otp = await this.deliveries.otp(orderId, ['assigned', 'picked_up']);
    return otp === undefined ? {} : { otp };
  }

  /** How far an order is; for its customer, its rider, the staff of its store and admins. */
  async track(actor: Actor, orderId: string): Promise<TrackingView> {
    const delivery = await this.deliveries.byOrder(orderId);
    const rider = delivery?.riderId ? await this.riders.byId(delivery.riderId) : null;
    // Without an address there never was a delivery: only its order's cancelling or packing has been heard of.
    if (!delivery?.address || delivery.stage === 'unconfirmed') throw notFound('delivery');
    const { stage, customerId, storeId, etaAt } = delivery;
    if (customerId !== actor.id && rider?.userId !== actor.id && !worksAt(actor, storeId)) throw notFound('delivery');
    return { orderId, stage, ...(rider ? { rider: await this.riderOf(rider, delivery) } : {}), etaAt };
  }

  /** The stops that a rider has before him; for himself and admins. */
  async route(actor: Actor, riderId: string): Promise<RouteView> {
    const rider = await this.riders.byId(riderId);
    if (!rider || (rider.userId !== actor.id && !actor.roles.includes('admin'))) throw notFound('rider');
    const start = positionOf(await this.whereabouts.locate(rider));
    return { riderId, stops: route(start, await this.errands(riderId)) };
  }

  /** Where he is concerns the customer only while he has the order. */
  private async riderOf(rider: Rider, { stage }: Delivery): Promise<NonNullable<TrackingView['rider']>> {
    const { id, name } = rider;
    const hasIt = stage === 'assigned' || stage === 'picked_up';
    const position = hasIt ? positionOf(await this.whereabouts.locate(rider)) : undefined;
    return { id, name, ...(position ? { position } : {}) };
  }

  private async errands(riderId: string): Promise<Errand[]> {
    const jobs = await this.jobs.underWay(riderId);
    const deliveries = await this.deliveries.byOrders(jobs.map(({ orderId }) => orderId));
    return jobs.flatMap(({ id: jobId, orderId, status, pickup }) => {
      const delivery = deliveries.find((one) => one.orderId === orderId);
      return delivery?.address
        ? [{ jobId, orderId, pickedUp: status === 'picked_up', pickup, drop: dropOf(delivery) }]
        : [];
    });
  }
}
