import { Injectable } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { conflict, decodeCursor, notFound, type Page, paged } from '@nakku/rpc';
import { z } from 'zod';
import { DeliveryRepository } from './delivery.repository.js';
import { DispatchService } from './dispatch.service.js';
import { JobRepository } from './job.repository.js';
import { type RiderQuery, type RiderView, riderView } from './rider.dto.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';
import { WhereaboutsService } from './whereabouts.service.js';

/** Who rides, and who is at work. */
@Injectable()
export class RiderService {
  constructor(
    private readonly database: Database,
    private readonly riders: RiderRepository,
    private readonly jobs: JobRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly dispatch: DispatchService,
    private readonly whereabouts: WhereaboutsService,
  ) {}

  async list({ limit, cursor, ...filter }: RiderQuery): Promise<Page<RiderView>> {
    const after = cursor ? decodeCursor(cursor, z.string()) : undefined;
    const { items, nextCursor } = paged(await this.riders.list({ ...filter, limit, after }), limit, ({ id }) => id);
    const located = await Promise.all(items.map((rider) => this.whereabouts.locate(rider)));
    return { items: located.map(riderView), nextCursor };
  }

  /** Begins or ends a rider's shift. An offer that he has not answered goes on to the next rider. */
  change(actor: Actor, status: 'online' | 'offline'): Promise<RiderView> {
    return this.database.transaction(async () => {
      for (let look = 0; look < LOOKS; look++) {
        const rider = await this.riders.byUser(actor.id);
        if (!rider) throw notFound('rider');
        const view = status === 'offline' ? await this.goOffline(rider) : await this.goOnline(rider);
        if (view) return view;
      }
      throw hasJob();
    });
  }

  /** Undefined when he is not as he was seen any more. */
  private async goOnline(rider: Rider): Promise<RiderView | undefined> {
    const at = now();
    if (rider.status !== 'offline') return riderView(rider);
    await this.deliveries.resume(rider.storeId, at);
    if (!(await this.riders.goOnline(rider.id, at))) return undefined;
    this.dispatch.wake();
    return riderView({ ...rider, status: 'online' });
  }

  /** Undefined when he is not as he was seen any more: he may have been offered an order meanwhile. */
  private async goOffline(rider: Rider): Promise<RiderView | undefined> {
    if (rider.status === 'busy') throw hasJob();
    if (rider.status === 'offline') return riderView(rider);
    const offer = rider.jobId ? await this.jobs.byId(rider.jobId) : null;
    if (offer?.status === 'offered') await this.dispatch.putBack(offer, 'lapsed', 'WENT_OFFLINE');
    return (await this.riders.goOffline(rider.id)) ? riderView({ ...rider, status: 'offline' }) : undefined;
  }
}

/** How often somebody is looked at who changes at the same moment, before he is told to finish his job. */
const LOOKS = 3;
const hasJob = () => conflict('RIDER_HAS_JOB', 'Finish your job before you go offline.');
