import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In, IsNull } from 'typeorm';
import { type Point, positionOf } from './delivery.js';
import { Delivery } from './delivery.entity.js';
import type { Asked, FreeRider } from './dispatch.js';
import { Job } from './job.entity.js';
import { Rider } from './rider.entity.js';
import { WhereaboutsService } from './whereabouts.service.js';

/** What has to be known to assign orders to riders. It only reads, and outside transactions: what was read may be outdated. */
@Injectable()
export class DispatchRepository {
  constructor(
    private readonly database: Database,
    private readonly whereabouts: WhereaboutsService,
  ) {}

  /** The stores in which an order waits and a rider is free. It starts from the riders: without one the queue is not looked at. */
  async storesToServe(at: string): Promise<string[]> {
    const waiting = this.database.manager
      .createQueryBuilder(Delivery, 'delivery')
      .select('1')
      .where('delivery.stage = :waiting AND delivery.storeId = rider.storeId AND delivery.nextOfferAt <= :at');
    const rows = await this.database.manager
      .createQueryBuilder(Rider, 'rider')
      .select('DISTINCT rider.storeId', 'storeId')
      .where('rider.status = :online AND rider.jobId IS NULL')
      .andWhere(`EXISTS (${waiting.getQuery()})`)
      .setParameters({ online: 'online', waiting: 'waiting', at })
      .getRawMany<{ storeId: string }>();
    return rows.map(({ storeId }) => storeId);
  }

  /** The riders of a store who could take an order, and where they are as far as that matters near `pickup`. */
  async freeRiders(storeId: string, pickup: Point): Promise<FreeRider[]> {
    const free = await this.database.manager.findBy(Rider, { status: 'online', jobId: IsNull(), storeId });
    const riders = await this.whereabouts.locateNear(pickup, free);
    return riders.map((rider) => ({ id: rider.id, idleSince: rider.idleSince, position: positionOf(rider) }));
  }

  /** The orders of a store that may be offered now, in the order of their right; those that are to be given up are not. */
  async waitingOrders(storeId: string, at: string, limit: number): Promise<string[]> {
    const rows = await this.database.manager
      .createQueryBuilder(Delivery, 'delivery')
      .select('delivery.orderId', 'orderId')
      .where('delivery.stage = :stage AND delivery.storeId = :storeId AND delivery.nextOfferAt <= :at', {
        stage: 'waiting',
        storeId,
        at,
      })
      .andWhere('delivery.giveUpAt > :at')
      .orderBy('delivery.nextOfferAt')
      .addOrderBy('delivery.orderId')
      .limit(limit)
      .getRawMany<{ orderId: string }>();
    return rows.map(({ orderId }) => orderId);
  }

  /** Who has had these orders before. */
  async asked(orderIds: string[]): Promise<Asked[]> {
    const jobs = await this.database.manager.findBy(Job, { orderId: In(orderIds), status: In(['lapsed', 'failed']) });
    return jobs.map(({ orderId, riderId, status, endedAt }) => ({
      orderId,
      riderId,
      status: status === 'failed' ? status : 'lapsed',
      endedAt: endedAt ?? '',
    }));
  }
}
