import { type UserApi, userUpdated } from '@nakku/contracts';
import { Database } from '@nakku/database';
import type { Actor, Role } from '@nakku/observability';
import { conflict, decodeCursor, type Input, notFound, type Output, type Page, paged } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { addressView } from './address.js';
import { AddressRepository } from './address.repository.js';
import type { UserQuery } from './user.dto.js';
import type { User } from './user.entity.js';
import { rolesAndStores, userView, type UserView } from './user.js';
import { UserRepository } from './user.repository.js';

const Cursor = z.tuple([z.string()]);

/** Accounts as others see them: the other domains, and admins. */
@Injectable()
export class UserService implements UserApi {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly addresses: AddressRepository,
    private readonly events: EventBus,
  ) {}

  async getAddress({ userId, addressId }: Input<UserApi, 'getAddress'>): Promise<Output<UserApi, 'getAddress'>> {
    const [user, address] = await Promise.all([this.users.active(userId), this.addresses.one(userId, addressId)]);
    if (!user || !address) throw notFound('address');
    return addressView(address, user.defaultAddressId);
  }

  async getContact({ userId }: Input<UserApi, 'getContact'>): Promise<Output<UserApi, 'getContact'>> {
    const user = await this.users.byId(userId);
    if (!user) throw notFound('user');
    const { email, phone, firstName, lastName, deletedAt } = user;
    return { userId, email, ...(phone ? { phone } : {}), firstName, lastName, active: deletedAt === null };
  }

  async grantRole({ userId, role, stores }: Input<UserApi, 'grantRole'>): Promise<Output<UserApi, 'grantRole'>> {
    await this.changeRoles(userId, (user) => rolesAndStores([...user.roles, role], [...user.stores, ...stores]));
    return {};
  }

  async list({ cursor, ...query }: UserQuery): Promise<Page<UserView>> {
    const [after] = cursor ? decodeCursor(cursor, Cursor) : [];
    const filter = { ...query, after };
    const { items, nextCursor } = paged(await this.users.list(filter), filter.limit, ({ email }) => [email]);
    return { items: items.map(userView), nextCursor };
  }

  /** Replaces somebody's roles; 409 `OWN_ADMIN_ROLE` for an admin who would lock themselves out. They hold from the next token on. */
  async setRoles(actor: Actor, userId: string, roles: Role[], stores: string[]): Promise<UserView> {
    if (userId === actor.id && !roles.includes('admin')) {
      throw conflict('OWN_ADMIN_ROLE', 'You cannot take the admin role from yourself: ask another admin.');
    }
    return userView(await this.changeRoles(userId, () => rolesAndStores(roles, stores)));
  }

  private changeRoles(userId: string, change: (user: User) => ReturnType<typeof rolesAndStores>): Promise<User> {
    return this.database.transaction(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw notFound('user');
      const next = change(user);
      if (sameRights(user, next)) return user;
      await this.users.update(userId, next);
      await this.events.publish(userUpdated({ userId, fields: ['roles'] }));
      return { ...user, ...next };
    });
  }
}

const sameRights = (a: Pick<User, 'roles' | 'stores'>, b: Pick<User, 'roles' | 'stores'>): boolean =>
  JSON.stringify([a.roles, a.stores]) === JSON.stringify([b.roles, b.stores]);
