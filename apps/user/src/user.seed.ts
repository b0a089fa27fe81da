import { Passwords } from '@nakku/auth';
import { AddressFields, Lat, Lng, Role } from '@nakku/contracts';
import { Database, seedId } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { AddressRow } from './address.entity.js';
import { AddressRepository } from './address.repository.js';
import { newUser } from './user.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

const Account = z.object({
  email: z.string(),
  password: z.string(),
  role: Role,
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string(),
  /** The code of the store that a store_staff works for. */
  store: z.string().optional(),
  addresses: z
    .array(AddressFields.extend({ lat: Lat, lng: Lng }))
    .max(1)
    .default([]),
});
type Account = z.output<typeof Account>;

/** The demo accounts. */
@Injectable()
export class UserSeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly addresses: AddressRepository,
    private readonly passwords: Passwords,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if (!(await this.users.isEmpty())) return;
    const accounts = readSeed('accounts', z.array(Account));
    const users = await Promise.all(accounts.map((account) => this.userOf(account)));
    await this.database.transaction(async () => {
      await this.users.insert(...users);
      await this.addresses.insert(...accounts.flatMap(addressesOf));
    });
  }

  private async userOf({ email, password, role, store, addresses, ...names }: Account): Promise<User> {
    const stores = store ? [seedId(`store:${store}`)] : [];
    const user = newUser({ ...names, email }, await this.passwords.hash(password), [role], stores);
    return {
      ...user,
      id: seedId(`user:${email}`),
      defaultAddressId: addresses.length > 0 ? seedId(`address:${email}`) : null,
    };
  }
}

/** The demo's zones cover the demo's addresses: nobody has to be asked. */
const addressesOf = ({ email, addresses }: Account): AddressRow[] =>
  addresses.map(({ label, line1, line2 = null, city, state, postalCode, country, lat, lng }) => {
    const place = { label, line1, line2, city, state, postalCode, country, lat, lng };
    return { ...place, id: seedId(`address:${email}`), userId: seedId(`user:${email}`), version: 1, serviceable: true };
  });
