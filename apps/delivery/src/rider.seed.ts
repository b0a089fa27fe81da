import { Injectable } from '@nestjs/common';
import { Database, seedId } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { z } from 'zod';
import { newRider } from './hiring.service.js';
import { Vehicle } from './rider.dto.js';
import type { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';

const Account = z.object({ email: z.string(), firstName: z.string(), lastName: z.string() });
const Accounts = z.array(
  z.union([
    Account.extend({ role: z.literal('rider'), store: z.string(), vehicle: Vehicle }),
    z.object({ role: z.enum(['admin', 'store_staff', 'customer']) }),
  ]),
);

/** The demo riders, all of them off duty. */
@Injectable()
export class RiderSeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly riders: RiderRepository,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if ((await this.riders.count()) > 0) return;
    const riders = readSeed('accounts', Accounts).flatMap((account) =>
      account.role === 'rider' ? [seeded(account)] : [],
    );
    await this.database.transaction(() => this.riders.insert(riders));
  }
}

const seeded = ({
  email,
  firstName,
  lastName,
  store,
  vehicle,
}: z.output<typeof Account> & { store: string; vehicle: string }): Rider =>
  newRider({
    id: seedId(`rider:${email}`),
    userId: seedId(`user:${email}`),
    storeId: seedId(`store:${store}`),
    vehicle,
    name: `${firstName} ${lastName}`,
  });
