import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation } from '@nakku/database';
import type { Point, RiderStatus } from './delivery.js';
import { Rider } from './rider.entity.js';

export interface RiderFilter {
  status?: RiderStatus;
  storeId?: string;
  limit: number;
  /** The id of the last one seen. */
  after?: string;
}

/** The rows of `riders`; every change of status is conditional and tells whether it happened. */
@Injectable()
export class RiderRepository {
  constructor(private readonly database: Database) {}

  byId(id: string): Promise<Rider | null> {
    return this.database.manager.findOneBy(Rider, { id });
  }

  byUser(userId: string): Promise<Rider | null> {
    return this.database.manager.findOneBy(Rider, { userId });
  }

  count(): Promise<number> {
    return this.database.manager.count(Rider);
  }

  /** One more than `limit`, in the order of their ids. */
  list({ status, storeId, limit, after }: RiderFilter): Promise<Rider[]> {
    const query = this.database.manager
      .createQueryBuilder(Rider, 'rider')
      .orderBy('rider.id')
      .limit(limit + 1);
    if (status) query.andWhere('rider.status = :status', { status });
    if (storeId) query.andWhere('rider.storeId = :storeId', { storeId });
    if (after) query.andWhere('rider.id > :after', { after });
    return query.getMany();
  }

  /** False when one of them is a rider already. */
  async insert(rows: Rider[]): Promise<boolean> {
    try {
      await this.database.manager.createQueryBuilder().insert().into(Rider).values(rows).updateEntity(false).execute();
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  goOnline(id: string, at: string): Promise<boolean> {
    return this.change({ status: 'online', idleSince: at }, 'id = :id AND status = :from', { id, from: 'offline' });
  }

  goOffline(id: string): Promise<boolean> {
    return this.change({ status: 'offline' }, 'id = :id AND status = :from AND job_id IS NULL', { id, from: 'online' });
  }

  /** Takes a rider who is online and free for a job: of several who want him one gets him. */
  claim(id: string, jobId: string): Promise<boolean> {
    return this.change({ jobId }, 'id = :id AND status = :from AND job_id IS NULL', { id, from: 'online' });
  }

  begin(id: string, jobId: string): Promise<boolean> {
    const set = { status: 'busy', toldAt: null } as const;
    return this.change(set, 'id = :id AND job_id = :jobId AND status = :from', { id, jobId, from: 'online' });
  }

  /** Gives him back from this job; nothing happens if he has another one by now. */
  free(id: string, jobId: string, at: string): Promise<boolean> {
    return this.change({ jobId: null, status: 'online', idleSince: at }, 'id = :id AND job_id = :jobId', { id, jobId });
  }

  /** Keeps where he was at `at`, unless that was done since `before`. */
  async see(id: string, { lat, lng }: Point, at: string, before: string): Promise<void> {
    await this.change({ lat, lng, seenAt: at }, 'id = :id AND (seen_at IS NULL OR seen_at <= :before)', { id, before });
  }

  /** The same for a rider with a job, whose position is then to be told: it was not since `before`. */
  tell(id: string, { lat, lng }: Point, at: string, before: string): Promise<boolean> {
    const due = 'id = :id AND status = :from AND (told_at IS NULL OR told_at <= :before)';
    return this.change({ lat, lng, seenAt: at, toldAt: at }, due, { id, from: 'busy', before });
  }

  /** His account is gone: so are his name and his whereabouts. False while he has a job. */
  forget(id: string): Promise<boolean> {
    const nobody = { name: 'Former rider', status: 'offline', lat: null, lng: null, seenAt: null } as const;
    return this.change(nobody, 'id = :id AND job_id IS NULL', { id });
  }

  private async change(set: Partial<Rider>, where: string, parameters: Record<string, unknown>): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(Rider).set(set);
    const { affected } = await update.where(where, parameters).execute();
    return (affected ?? 0) > 0;
  }
}
