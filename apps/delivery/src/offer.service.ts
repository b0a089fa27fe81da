import { Injectable } from '@nestjs/common';
import { Database, newId, now } from '@nakku/database';
import { DeliverySettings } from './delivery.config.js';
import { type Pickup, plus } from './delivery.js';
import { DeliveryRepository } from './delivery.repository.js';
import type { Plan } from './dispatch.js';
import type { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import { RiderRepository } from './rider.repository.js';

/** A pause is never shorter: a round of dispatch must come to its end. */
const LEAST_PAUSE_MS = 1000;
const LAPSED_AT_ONCE = 100;

/** Makes offers and takes them back: an order has one job at a time, and so has a rider, however many copies of the service run. */
@Injectable()
export class OfferService {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly settings: DeliverySettings,
  ) {}

  /** Makes the planned offers, except where somebody else was faster; gives how many were made. */
  apply(storeId: string, pickup: Pickup, { offers, refused }: Plan): Promise<number> {
    return this.database.transaction(async () => {
      await this.deliveries.pause(refused, plus(now(), Math.max(LEAST_PAUSE_MS, this.settings.DELIVERY_ASK_AGAIN_MS)));
      let made = 0;
      for (const { orderId, riderId } of offers) if (await this.offer({ orderId, riderId, storeId, pickup })) made++;
      return made;
    });
  }

  /** The order waits again and its rider is free: he let the offer pass (`lapsed`), or gave up what he had accepted (`failed`). */
  putBack(job: Job, as: 'lapsed' | 'failed', reason: string): Promise<boolean> {
    return this.database.transaction(async () => {
      const at = now();
      if (!(await this.jobs.move(job, as, reason))) return false;
      await this.riders.free(job.riderId, job.id, at);
      const waits = { jobId: null, riderId: null };
      if (job.status === 'offered') return this.deliveries.advance(job, 'offered', 'waiting', waits);
      return this.deliveries.advance(job, 'assigned', 'waiting', {
        ...waits,
        giveUpAt: plus(at, this.settings.DELIVERY_NO_RIDER_MS),
      });
    });
  }

  /** Takes back the offers whose time is up. */
  async lapse(): Promise<void> {
    const overdue = await this.jobs.overdue(now(), LAPSED_AT_ONCE);
    if (overdue.length === 0) return;
    await this.database.transaction(async () => {
      for (const job of overdue) await this.putBack(job, 'lapsed', 'NO_ANSWER');
    });
  }

  private async offer(made: Pick<Job, 'orderId' | 'riderId' | 'storeId' | 'pickup'>): Promise<boolean> {
    const id = newId();
    const at = now();
    if (!(await this.riders.claim(made.riderId, id))) return false;
    if (!(await this.deliveries.offer(made.orderId, id))) {
      await this.riders.free(made.riderId, id, at);
      return false;
    }
    const offerExpiresAt = plus(at, this.settings.DELIVERY_OFFER_MS);
    await this.jobs.insert({ ...made, id, status: 'offered', open: true, offerExpiresAt, endedAt: null, reason: null });
    return true;
  }
}
