import { Injectable } from '@nestjs/common';
import { deliveryPosition } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { notFound } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { etaAt, plus, type Point } from './delivery.js';
import type { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { dropOf } from './job.dto.js';
import type { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import { type RiderView, riderView } from './rider.dto.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';
import { WhereaboutsService } from './whereabouts.service.js';

/** Phones tell where they are every second or so; customers need it half as often. */
const TELL_EVERY_MS = 2000;
/** Who waits for an order is looked for in the database only when Redis is gone: to within some hundred metres is good enough. */
const KEEP_EVERY_MS = 10_000;

/** Follows the riders, and tells where the orders are. */
@Injectable()
export class PositionService {
  constructor(
    private readonly database: Database,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly events: EventBus,
    private readonly whereabouts: WhereaboutsService,
  ) {}

  /** Remembers where a rider is, and tells it of the order he has in hand: every two seconds at most. */
  async moved(actor: Actor, point: Point): Promise<RiderView> {
    const rider = await this.riders.byUser(actor.id);
    if (!rider) throw notFound('rider');
    const at = now();
    await this.whereabouts.note(rider.id, point, at);
    const work = rider.status === 'busy' ? this.telling(rider, point, at) : this.keeping(rider, point, at);
    // The next position makes up for a lost one: it need not have a commit of its own.
    if (work) await this.database.transaction(work, { lazy: true });
    return riderView({ ...rider, ...point });
  }

  private keeping({ id, seenAt }: Rider, point: Point, at: string): (() => Promise<void>) | undefined {
    const before = plus(at, -KEEP_EVERY_MS);
    return seenAt === null || seenAt <= before ? () => this.riders.see(id, point, at, before) : undefined;
  }

  private telling(rider: Rider, point: Point, at: string): (() => Promise<void>) | undefined {
    const before = plus(at, -TELL_EVERY_MS);
    return rider.toldAt === null || rider.toldAt <= before ? () => this.tell(rider, point, at, before) : undefined;
  }

  private async tell({ id: riderId, jobId }: Rider, point: Point, at: string, before: string): Promise<void> {
    const job = jobId ? await this.jobs.byId(jobId) : null;
    const delivery = job && (await this.deliveries.byOrder(job.orderId));
    if (!job || !delivery) return;
    const expected = expectedAt(job, delivery, point);
    // Neither when the order is handed over by now, nor when another report was faster.
    if (!(await this.deliveries.expect(job, expected)) || !(await this.riders.tell(riderId, point, at, before))) return;
    const { orderId, customerId, storeId } = delivery;
    const { lat, lng } = point;
    await this.events.publish(deliveryPosition({ orderId, customerId, storeId, riderId, lat, lng, etaAt: expected }));
  }
}

const expectedAt = (job: Job, delivery: Delivery, rider: Point): string =>
  etaAt({
    at: Date.now(),
    readyAt: Date.parse(delivery.readyAt),
    pickup: job.pickup,
    drop: dropOf(delivery),
    rider,
    pickedUp: job.status === 'picked_up',
  });
