import { Injectable } from '@nestjs/common';
import { UserApi } from '@nakku/contracts';
import { Database, newId, now } from '@nakku/database';
import { conflict, notFound } from '@nakku/rpc';
import { PickupService } from './pickup.service.js';
import { type NewRider, type RiderView, riderView } from './rider.dto.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';

/** Makes riders of users. */
@Injectable()
export class HiringService {
  constructor(
    private readonly database: Database,
    private readonly riders: RiderRepository,
    private readonly pickups: PickupService,
    private readonly users: UserApi,
  ) {}

  async hire({ userId, vehicle, storeId }: NewRider): Promise<RiderView> {
    await this.pickups.get(storeId);
    const { firstName, lastName, active } = await this.users.getContact({ userId });
    if (!active) throw notFound('user');
    if (await this.riders.byUser(userId)) throw exists();
    // The role comes first: a role without a row can be repaired by asking again, a row without a role would answer RIDER_EXISTS.
    await this.users.grantRole({ userId, role: 'rider', stores: [] });
    const rider = newRider({ id: newId(), userId, storeId, vehicle, name: `${firstName} ${lastName}`.trim() });
    if (!(await this.database.transaction(() => this.riders.insert([rider])))) throw exists();
    return riderView(rider);
  }
}

/** A rider before his first shift. */
export const newRider = (given: Pick<Rider, 'id' | 'userId' | 'storeId' | 'vehicle' | 'name'>): Rider => ({
  ...given,
  status: 'offline',
  jobId: null,
  idleSince: now(),
  lat: null,
  lng: null,
  seenAt: null,
  toldAt: null,
});

const exists = () => conflict('RIDER_EXISTS', 'This user is a rider already.');
