import { Injectable } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { In } from 'typeorm';
import { Job, type JobStatus } from './job.entity.js';

export interface JobPage {
  limit: number;
  /** The last one seen. */
  after?: { open: boolean; id: string };
}

const OPEN: readonly JobStatus[] = ['offered', 'accepted', 'picked_up'];

/** The rows of `jobs`; counts what becomes of them. */
@Injectable()
export class JobRepository {
  private readonly counter;

  constructor(
    private readonly database: Database,
    metrics: Metrics,
  ) {
    this.counter = metrics.counter('nakku_delivery_jobs_total', 'Delivery jobs by the status they came to', ['status']);
  }

  byId(id: string): Promise<Job | null> {
    return this.database.manager.findOneBy(Job, { id });
  }

  /** The job that an order has now. */
  openOf(orderId: string): Promise<Job | null> {
    return this.database.manager.findOneBy(Job, { orderId, open: true });
  }

  /** What a rider has taken on. */
  underWay(riderId: string): Promise<Job[]> {
    return this.database.manager.findBy(Job, { riderId, open: true, status: In(['accepted', 'picked_up']) });
  }

  /** One more than `limit`: what is open first, then the newest. */
  list(riderId: string, { limit, after }: JobPage): Promise<Job[]> {
    const query = this.database.manager.createQueryBuilder(Job, 'job').where('job.riderId = :riderId', { riderId });
    if (after) query.andWhere('(job.open < :open OR (job.open = :open AND job.id < :id))', after);
    return query
      .orderBy('job.open', 'DESC')
      .addOrderBy('job.id', 'DESC')
      .limit(limit + 1)
      .getMany();
  }

  /** Offers that have lapsed though nobody has said so yet. */
  overdue(at: string, limit: number): Promise<Job[]> {
    return this.database.manager
      .createQueryBuilder(Job, 'job')
      .where('job.status = :status AND job.offerExpiresAt <= :at', { status: 'offered', at })
      .limit(limit)
      .getMany();
  }

  async insert(row: Job): Promise<void> {
    await this.database.manager.createQueryBuilder().insert().into(Job).values(row).updateEntity(false).execute();
    this.count(row.status);
  }

  /** An offer that has not lapsed is accepted. */
  accept(id: string, at: string): Promise<boolean> {
    return this.change(id, 'accepted', null, 'status = :from AND offer_expires_at > :at', { from: 'offered', at });
  }

  /** False when the job's status is another one by now. */
  move({ id, status }: Job, to: JobStatus, reason: string | null = null): Promise<boolean> {
    return this.change(id, to, reason, 'status = :from', { from: status });
  }

  /** Ends a job as failed, whatever its rider is doing. */
  drop(id: string, reason: string): Promise<boolean> {
    return this.change(id, 'failed', reason, 'open = :yes', { yes: true });
  }

  private async change(
    id: string,
    status: JobStatus,
    reason: string | null,
    where: string,
    parameters: Record<string, unknown>,
  ): Promise<boolean> {
    const open = OPEN.includes(status);
    const set = { status, open, reason, endedAt: open ? null : now() };
    const update = this.database.manager.createQueryBuilder().update(Job).set(set);
    const { affected } = await update.where(`id = :id AND ${where}`, { id, ...parameters }).execute();
    if (affected === 1) this.count(status);
    return affected === 1;
  }

  private count(status: JobStatus): void {
    this.database.afterCommit(() => this.counter.inc({ status }));
  }
}
