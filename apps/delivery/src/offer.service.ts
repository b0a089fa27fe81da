import { Injectable } from '@nestjs/common';
import { Database, newId, now } from '@nakku/database';
import { DeliverySettings } from './delivery.config.js';
import { type Pickup, plus, shuffled } from './delivery.js';
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
  async apply(storeId: string, pickup: Pickup, { offers, refused }: Plan): Promise<number> {
    await this.deliveries.pause(refused, plus(now(), Math.max(LEAST_PAUSE_MS, this.settings.DELIVERY_ASK_AGAIN_MS)));
    if (offers.length === 0) return 0;
    return this.database.transaction(() => this.make(offers.map((offer) => this.jobOf({ ...offer, storeId, pickup }))));
  }

  /** The order waits again and its rider is free: he let the offer pass (`lapsed`), or gave up what he had accepted (`failed`). */
  putBack(job: Job, as: 'lapsed' | 'failed', reason: string): Promise<boolean> {
    return this.database.transaction(async () => {
      if (!(await this.waits(job))) return false;
      if (!(await this.jobs.move(job, as, reason))) throw new Error(`job ${job.id} is not what its delivery says`);
      await this.riders.free(job.riderId, job.id, now());
      return true;
    });
  }

  /** Takes back the offers whose time is up. */
  async lapse(): Promise<void> {
    for (const job of shuffled(await this.jobs.overdue(now(), LAPSED_AT_ONCE)))
      await this.putBack(job, 'lapsed', 'NO_ANSWER');
  }

  /** All orders first, then the riders, each by their ids: of two copies that have planned at once neither ever waits for the other in a circle. */
  private async make(jobs: Job[]): Promise<number> {
    const free: Job[] = [];
    for (const job of jobs.toSorted(by('orderId')))
      if (await this.deliveries.offer(job.orderId, job.id)) free.push(job);
    let made = 0;
    for (const job of free.toSorted(by('riderId'))) {
      if (!(await this.riders.claim(job.riderId, job.id))) await this.deliveries.takeBack(job);
      else {
        await this.jobs.insert(job);
        made++;
      }
    }
    return made;
  }

  private waits(job: Job): Promise<boolean> {
    const nobody = { jobId: null, riderId: null };
    if (job.status === 'offered') return this.deliveries.advance(job, 'offered', 'waiting', nobody);
    const giveUpAt = plus(now(), this.settings.DELIVERY_NO_RIDER_MS);
    return this.deliveries.advance(job, 'assigned', 'waiting', { ...nobody, giveUpAt });
  }

  private jobOf(offer: Pick<Job, 'orderId' | 'riderId' | 'storeId' | 'pickup'>): Job {
    const offerExpiresAt = plus(now(), this.settings.DELIVERY_OFFER_MS);
    return { ...offer, id: newId(), status: 'offered', open: true, offerExpiresAt, endedAt: null, reason: null };
  }
}

const by =
  (key: 'orderId' | 'riderId') =>
  (a: Job, b: Job): number =>
    a[key] < b[key] ? -1 : 1;
