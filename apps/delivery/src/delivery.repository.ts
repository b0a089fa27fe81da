import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, now } from '@nakku/database';
import { In, type SelectQueryBuilder } from 'typeorm';
import { DeliverySettings } from './delivery.config.js';
import { CANCELLABLE, plus, type Stage } from './delivery.js';
import { Delivery } from './delivery.entity.js';
import type { Job } from './job.entity.js';

/** A try at the one-time password: what is right, and how many were made with this one. */
export interface Try {
  otp: string;
  tries: number;
}

/**
 * The rows of `deliveries`; every change of stage is conditional and tells whether it happened. A transaction changes a delivery before its
 * jobs, and both before their riders: whatever happens to an order at once then happens one after the other.
 */
@Injectable()
export class DeliveryRepository {
  constructor(
    private readonly database: Database,
    private readonly settings: DeliverySettings,
  ) {}

  byOrder(orderId: string): Promise<Delivery | null> {
    return this.database.manager.findOneBy(Delivery, { orderId });
  }

  byOrders(orderIds: string[]): Promise<Delivery[]> {
    return orderIds.length === 0
      ? Promise.resolve([])
      : this.database.manager.findBy(Delivery, { orderId: In(orderIds) });
  }

  /** False when the order is known already. */
  async insert(row: Delivery): Promise<boolean> {
    try {
      await this.database.manager
        .createQueryBuilder()
        .insert()
        .into(Delivery)
        .values(row)
        .updateEntity(false)
        .execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** Fills in what was missing of an order that was heard of too early. */
  confirm({ orderId, packed: _packed, readyAt: _readyAt, ...row }: Delivery): Promise<boolean> {
    return this.change(row, 'order_id = :orderId AND stage = :from', { orderId, from: 'unconfirmed' });
  }

  pack(orderId: string, readyAt: string): Promise<boolean> {
    return this.change({ packed: true, readyAt }, 'order_id = :orderId AND packed = :no', { orderId, no: false });
  }

  /** An order that waits becomes the offer `jobId`. */
  offer(orderId: string, jobId: string): Promise<boolean> {
    return this.change({ stage: 'offered', jobId }, 'order_id = :orderId AND stage = :from', {
      orderId,
      from: 'waiting',
    });
  }

  /** The offer `jobId` comes to nothing: the order waits as before. */
  async takeBack({ id, orderId }: Job): Promise<void> {
    const where = 'order_id = :orderId AND job_id = :id AND stage = :from';
    await this.change({ stage: 'waiting', jobId: null }, where, { orderId, id, from: 'offered' });
  }

  /** The job goes from one stage to the next; from a rider's yes on, the new stage has its time limit. */
  advance(job: Job, from: Stage, to: Stage, also: Partial<Delivery> = {}): Promise<boolean> {
    const where = 'order_id = :orderId AND job_id = :id AND stage = :from';
    return this.change({ ...this.limit(to), ...also, stage: to }, where, { orderId: job.orderId, id: job.id, from });
  }

  cancel(orderId: string): Promise<boolean> {
    return this.change({ stage: 'cancelled' }, 'order_id = :orderId AND stage IN (:...from)', {
      orderId,
      from: CANCELLABLE,
    });
  }

  /** Another ETA, as long as the job's rider has the order. */
  expect({ id, orderId }: Job, etaAt: string): Promise<boolean> {
    const where = 'order_id = :orderId AND job_id = :id AND stage IN (:...stages)';
    return this.change({ etaAt }, where, { orderId, id, stages: ['assigned', 'picked_up'] });
  }

  /** Somebody new may be asked: orders that pause because everybody let them pass are offered again. */
  async resume(storeId: string, at: string): Promise<void> {
    await this.change({ nextOfferAt: at }, 'stage = :from AND store_id = :storeId AND next_offer_at > :at', {
      from: 'waiting',
      storeId,
      at,
    });
  }

  async pause(orderIds: string[], until: string): Promise<void> {
    if (orderIds.length === 0) return;
    await this.change({ nextOfferAt: until }, 'order_id IN (:...orderIds) AND stage = :from', {
      orderIds,
      from: 'waiting',
    });
  }

  /** Orders that have waited for too long. */
  forsaken(at: string, limit: number): Promise<Delivery[]> {
    return this.overdue('waiting', at, limit).getMany();
  }

  /** Orders that nobody fetches though they have been packed for as long as their riders have had to come. */
  unfetched(at: string, limit: number): Promise<Delivery[]> {
    const packedBy = plus(at, -this.settings.DELIVERY_PICKUP_MS);
    return this.overdue('assigned', at, limit)
      .andWhere('delivery.packed = :yes AND delivery.readyAt <= :packedBy', { yes: true, packedBy })
      .getMany();
  }

  /** Orders that have been on the road for too long. */
  adrift(at: string, limit: number): Promise<Delivery[]> {
    return this.overdue('picked_up', at, limit).getMany();
  }

  giveUp(orderId: string, at: string): Promise<boolean> {
    const where = 'order_id = :orderId AND stage = :from AND give_up_at <= :at';
    return this.change({ stage: 'failed' }, where, { orderId, from: 'waiting', at });
  }

  async otp(orderId: string, stages: readonly Stage[]): Promise<string | undefined> {
    const row = await this.selectOtp(orderId);
    return row && stages.includes(row.stage) ? row.otp : undefined;
  }

  /** Counts a try before it is made, so that of tries at once none is free; undefined while the code is locked. */
  async take(orderId: string, at: string): Promise<Try | undefined> {
    const open = 'order_id = :orderId AND (otp_locked_until IS NULL OR otp_locked_until <= :at)';
    if (!(await this.change({ otpTries: () => 'otp_tries + 1' }, open, { orderId, at }))) return undefined;
    const row = await this.selectOtp(orderId);
    return row ? { otp: row.otp, tries: row.otpTries } : undefined;
  }

  async lock(orderId: string, otpLockedUntil: string): Promise<void> {
    await this.change({ otpLockedUntil, otpTries: 0 }, 'order_id = :orderId', { orderId });
  }

  private overdue(stage: Stage, at: string, limit: number): SelectQueryBuilder<Delivery> {
    return this.database.manager
      .createQueryBuilder(Delivery, 'delivery')
      .where('delivery.stage = :stage AND delivery.giveUpAt <= :at', { stage, at })
      .limit(limit);
  }

  private limit(stage: Stage): Pick<Delivery, 'giveUpAt'> | undefined {
    const { DELIVERY_PICKUP_MS, DELIVERY_RIDE_MS } = this.settings;
    if (stage === 'assigned') return { giveUpAt: plus(now(), DELIVERY_PICKUP_MS) };
    if (stage === 'picked_up') return { giveUpAt: plus(now(), DELIVERY_RIDE_MS) };
    return undefined;
  }

  private selectOtp(orderId: string): Promise<Pick<Delivery, 'otp' | 'otpTries' | 'stage'> | null> {
    return this.database.manager
      .createQueryBuilder(Delivery, 'delivery')
      .select(['delivery.orderId', 'delivery.stage', 'delivery.otp', 'delivery.otpTries'])
      .where('delivery.orderId = :orderId', { orderId })
      .getOne();
  }

  private async change(set: Changes, where: string, parameters: Record<string, unknown>): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(Delivery).set(set);
    const { affected } = await update.where(where, parameters).execute();
    return (affected ?? 0) > 0;
  }
}

type Changes = Partial<Omit<Delivery, 'otpTries'>> & { otpTries?: number | (() => string) };
