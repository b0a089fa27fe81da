import { Injectable } from '@nestjs/common';
import { deliveryPosition } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { notFound } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { etaAt, plus, type Point } from './delivery.js';
import { DeliveryRepository } from './delivery.repository.js';
import { dropOf } from './job.dto.js';
import { JobRepository } from './job.repository.js';
import { type RiderView, riderView } from './rider.dto.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';

/** Phones tell where they are every second or so; customers need it half as often. */
const TELL_EVERY_MS = 2000;

/** Follows the riders, and tells where the orders are. */
@Injectable()
export class PositionService {
  constructor(
    private readonly database: Database,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly events: EventBus,
  ) {}

  /** Remembers where a rider is, and tells it of the order he has in hand: every two seconds at most. */
  moved(actor: Actor, point: Point): Promise<RiderView> {
    const work = async () => {
      const rider = await this.riders.byUser(actor.id);
      if (!rider) throw notFound('rider');
      await this.riders.move(rider.id, point);
      if (await this.due(rider)) await this.tell(rider, point);
      return riderView({ ...rider, ...point });
    };
    // The next position makes up for a lost one: it need not have a commit of its own.
    return this.database.transaction(work, { lazy: true });
  }

  private async due({ id, status, toldAt }: Rider): Promise<boolean> {
    const at = now();
    const before = plus(at, -TELL_EVERY_MS);
    return status === 'busy' && (toldAt === null || toldAt <= before) && this.riders.tell(id, at, before);
  }

  private async tell({ id: riderId, jobId }: Rider, point: Point): Promise<void> {
    const job = jobId ? await this.jobs.byId(jobId) : null;
    const delivery = job && (await this.deliveries.byOrder(job.orderId));
    if (!job || !delivery) return;
    const { orderId, customerId, storeId, readyAt } = delivery;
    const pickedUp = job.status === 'picked_up';
    const trip = {
      at: Date.now(),
      readyAt: Date.parse(readyAt),
      pickup: job.pickup,
      drop: dropOf(delivery),
      rider: point,
      pickedUp,
    };
    const expected = etaAt(trip);
    await this.deliveries.expect(orderId, expected);
    const { lat, lng } = point;
    await this.events.publish(deliveryPosition({ orderId, customerId, storeId, riderId, lat, lng, etaAt: expected }));
  }
}
