import { Injectable } from '@nestjs/common';
import { deliveryAssigned, deliveryCompleted, deliveryFailed, deliveryStarted } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { conflict, decodeCursor, notFound, type Page, paged, type PageQuery } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { z } from 'zod';
import { etaAt, minutesBetween, positionOf } from './delivery.js';
import type { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { DispatchService } from './dispatch.service.js';
import { dropOf, type JobView, jobView } from './job.dto.js';
import type { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';

/** Everything about one job of one rider. */
export interface Work {
  rider: Rider;
  job: Job;
  delivery: Delivery;
}

const Cursor = z.tuple([z.boolean(), z.string()]);

/** What riders do with their jobs, until the hand-over at the door. */
@Injectable()
export class JobService {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly events: EventBus,
    private readonly dispatch: DispatchService,
  ) {}

  async list(actor: Actor, { limit, cursor }: PageQuery): Promise<Page<JobView>> {
    const rider = await this.riders.byUser(actor.id);
    if (!rider) throw notFound('rider');
    const [open, id] = cursor ? decodeCursor(cursor, Cursor) : [];
    const after = open === undefined || id === undefined ? undefined : { open, id };
    const { items, nextCursor } = paged(await this.jobs.list(rider.id, { limit, after }), limit, (job) => [
      job.open,
      job.id,
    ]);
    return { items: await this.views(items), nextCursor };
  }

  /** Two reads may come from two replicas: the job of a delivery that the other one has not heard of is left out for the moment. */
  private async views(jobs: Job[]): Promise<JobView[]> {
    const deliveries = await this.deliveries.byOrders(jobs.map(({ orderId }) => orderId));
    const known = new Map(deliveries.filter(({ address }) => address).map((delivery) => [delivery.orderId, delivery]));
    return jobs.flatMap((job) => {
      const delivery = known.get(job.orderId);
      return delivery ? [jobView(job, delivery)] : [];
    });
  }

  /** A rider's own job; anybody else's is not found. */
  async own(actor: Actor, jobId: string): Promise<Work> {
    const rider = await this.riders.byUser(actor.id);
    if (!rider) throw notFound('rider');
    const job = await this.jobs.byId(jobId);
    if (job?.riderId !== rider.id) throw notFound('job');
    const delivery = await this.deliveries.byOrder(job.orderId);
    if (!delivery) throw notFound('job');
    return { rider, job, delivery };
  }

  accept(actor: Actor, jobId: string): Promise<JobView> {
    return this.database.transaction(async () => {
      const work = await this.own(actor, jobId);
      const { rider, job } = work;
      const expected = expectedAt(work);
      const accepted =
        (await this.deliveries.advance(job, 'offered', 'assigned', { riderId: rider.id, etaAt: expected })) &&
        (await this.jobs.accept(job.id, now())) &&
        (await this.riders.begin(rider.id, job.id));
      if (!accepted) throw lapsed();
      await this.events.publish(deliveryAssigned({ ...told(work), riderName: rider.name, etaAt: expected }));
      return jobView({ ...job, status: 'accepted' }, work.delivery);
    });
  }

  reject(actor: Actor, jobId: string): Promise<JobView> {
    return this.database.transaction(async () => {
      const { job, delivery } = await this.own(actor, jobId);
      if (job.status !== 'offered' || !(await this.dispatch.putBack(job, 'lapsed', 'REJECTED'))) throw lapsed();
      return jobView({ ...job, status: 'lapsed' }, delivery);
    });
  }

  pickUp(actor: Actor, jobId: string): Promise<JobView> {
    return this.database.transaction(async () => {
      const work = await this.own(actor, jobId);
      const { rider, job, delivery } = work;
      if (job.status !== 'accepted')
        throw conflict('JOB_NOT_ACCEPTED', 'Only a job that you have accepted can be picked up.');
      if (!delivery.packed)
        throw conflict('ORDER_NOT_PACKED', 'The store is still packing this order: wait for the bag.');
      const expected = expectedAt({ ...work, pickedUp: true });
      const moved =
        (await this.deliveries.advance(job, 'assigned', 'picked_up', { etaAt: expected })) &&
        (await this.jobs.move(job, 'picked_up'));
      if (!moved) throw changed();
      await this.events.publish(deliveryStarted({ ...told(work), riderName: rider.name, etaAt: expected }));
      return jobView({ ...job, status: 'picked_up' }, delivery);
    });
  }

  /** The bag is handed over; whoever calls has seen the proof. Joins the caller's transaction. */
  complete(work: Work): Promise<JobView> {
    return this.database.transaction(async () => {
      const { job, delivery } = work;
      const at = now();
      const moved =
        (await this.deliveries.advance(job, 'picked_up', 'completed', { etaAt: at })) &&
        (await this.jobs.move(job, 'completed'));
      if (!moved) throw changed();
      await this.riders.free(job.riderId, job.id, at);
      await this.events.publish(
        deliveryCompleted({ ...told(work), minutes: minutesBetween(delivery.confirmedAt, at) }),
      );
      this.dispatch.wake();
      return jobView({ ...job, status: 'completed' }, delivery);
    });
  }

  /** The rider cannot go on: before the pickup somebody else is looked for, after it the delivery has failed. */
  fail(actor: Actor, jobId: string, reason: string): Promise<JobView> {
    return this.database.transaction(async () => {
      const work = await this.own(actor, jobId);
      if (!(await this.failed(work, reason)))
        throw conflict('JOB_NOT_ACTIVE', 'Only a job that you have accepted or picked up can fail.');
      return jobView({ ...work.job, status: 'failed' }, work.delivery);
    });
  }

  /** The order is cancelled: nobody has its job any more. False when there is no delivery that could still be cancelled. */
  async drop(orderId: string, reason: string): Promise<boolean> {
    if (!(await this.deliveries.cancel(orderId))) return false;
    const job = await this.jobs.openOf(orderId);
    if (!job || !(await this.jobs.drop(job.id, reason))) return true;
    await this.riders.free(job.riderId, job.id, now());
    this.dispatch.wake();
    return true;
  }

  /** A rider's account is deleted: what he has in hand goes the way of a failure, and nothing of him is kept. */
  async forget(userId: string): Promise<void> {
    const rider = await this.riders.byUser(userId);
    if (!rider) return;
    const job = rider.jobId ? await this.jobs.byId(rider.jobId) : null;
    const delivery = job && (await this.deliveries.byOrder(job.orderId));
    if (job?.status === 'offered') await this.dispatch.putBack(job, 'lapsed', 'RIDER_LEFT');
    else if (job && delivery) await this.failed({ rider, job, delivery }, 'RIDER_LEFT');
    if (!(await this.riders.forget(rider.id)))
      throw new Error('the rider got another job just now: he is forgotten later');
  }

  /** Takes an overdue order from its rider: that is a failure of his, and he is asked for nothing until he is back. */
  abandon(delivery: Delivery): Promise<void> {
    return this.database.transaction(async () => {
      const job = delivery.jobId ? await this.jobs.byId(delivery.jobId) : null;
      // Who has moved on since the order was looked at is not late any more.
      if (job?.status !== (delivery.stage === 'assigned' ? 'accepted' : 'picked_up')) return;
      const rider = await this.riders.byId(job.riderId);
      if (!rider || !(await this.failed({ rider, job, delivery }, 'RIDER_UNRESPONSIVE'))) return;
      await this.riders.goOffline(rider.id);
    });
  }

  private async failed(work: Work, reason: string): Promise<boolean> {
    const { job } = work;
    const pickedUp = job.status === 'picked_up';
    if (!pickedUp && job.status !== 'accepted') return false;
    if (!(await (pickedUp ? this.lost(job, reason) : this.dispatch.putBack(job, 'failed', reason)))) return false;
    await this.events.publish(deliveryFailed({ ...told(work), reason, pickedUp, final: pickedUp }));
    return true;
  }

  /** The bag was on the road: nobody else can take it. */
  private async lost(job: Job, reason: string): Promise<boolean> {
    if (!(await this.deliveries.advance(job, 'picked_up', 'failed'))) return false;
    if (!(await this.jobs.move(job, 'failed', reason))) throw changed();
    await this.riders.free(job.riderId, job.id, now());
    this.dispatch.wake();
    return true;
  }
}

const changed = () => conflict('JOB_CHANGED', 'The job has changed meanwhile: load it again.');
const lapsed = () => conflict('OFFER_LAPSED', 'This offer is not open any more: wait for the next one.');

const expectedAt = ({ rider, job, delivery, pickedUp }: Work & { pickedUp?: boolean }): string =>
  etaAt({
    at: Date.now(),
    readyAt: Date.parse(delivery.readyAt),
    pickup: job.pickup,
    drop: dropOf(delivery),
    rider: positionOf(rider),
    pickedUp,
  });

/** What every event about a job says. */
const told = ({ rider, job, delivery }: Work) => {
  const { orderId, customerId, storeId } = delivery;
  return { orderId, customerId, storeId, jobId: job.id, riderId: rider.id };
};
