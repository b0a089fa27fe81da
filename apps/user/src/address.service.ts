import { type Address, userAddressAdded, userUpdated } from '@nakku/contracts';
import { Database, newId } from '@nakku/database';
import { conflict, decodeCursor, notFound, type Page, paged, unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { AddressRow } from './address.entity.js';
import { addressView, editedLines, type Letter, MAX_ADDRESSES, moves } from './address.js';
import { AddressRepository } from './address.repository.js';
import { PlaceService } from './place.service.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

type AddressView = z.output<typeof Address>;
export type NewAddress = Letter & { isDefault?: boolean };

const Cursor = z.tuple([z.string()]);

/** Where somebody gets deliveries: at most 50 places, exactly one of them the default. */
@Injectable()
export class AddressService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly addresses: AddressRepository,
    private readonly places: PlaceService,
    private readonly events: EventBus,
  ) {}

  async list(userId: string, limit: number, cursor?: string): Promise<Page<AddressView>> {
    const [before] = cursor ? decodeCursor(cursor, Cursor) : [];
    const [user, rows] = await Promise.all([this.users.own(userId), this.addresses.list(userId, limit, before)]);
    const { items, nextCursor } = paged(rows, limit, ({ id }) => [id]);
    return { items: items.map((row) => addressView(row, user.defaultAddressId)), nextCursor };
  }

  async get(userId: string, id: string): Promise<AddressView> {
    const [user, row] = await Promise.all([this.users.own(userId), this.existing(userId, id)]);
    return addressView(row, user.defaultAddressId);
  }

  /** Saves a place; the first one is the default. 422 `TOO_MANY_ADDRESSES`. */
  async add(userId: string, { isDefault = false, ...letter }: NewAddress): Promise<AddressView> {
    const place = await this.places.find(letter);
    const row: AddressRow = { line2: null, ...letter, ...place, id: newId(), userId, version: 1 };
    return this.database.transaction(async () => {
      const user = await this.lock(userId);
      if ((await this.addresses.count(userId)) >= MAX_ADDRESSES) throw tooMany();
      await this.addresses.insert(row);
      const defaultId = isDefault ? row.id : (user.defaultAddressId ?? row.id);
      await this.users.update(userId, { defaultAddressId: defaultId });
      await this.events.publish(userAddressAdded({ userId, addressId: row.id, serviceable: row.serviceable }));
      return addressView(row, defaultId);
    });
  }

  /** Edits a place, which is looked up again if it moved. 409 `ADDRESS_CHANGED` or `ADDRESS_IS_DEFAULT`. */
  async change(userId: string, id: string, { isDefault, ...change }: Partial<NewAddress>): Promise<AddressView> {
    const row = await this.existing(userId, id);
    const place = moves(change) ? await this.places.find(editedLines(row, change)) : {};
    return this.database.transaction(async () => {
      const user = await this.lock(userId);
      if (isDefault === false && user.defaultAddressId === id) throw mustHaveDefault();
      const edited = { ...change, ...place };
      if (!(await this.addresses.update(row, edited))) throw changedMeanwhile();
      if (isDefault) await this.users.update(userId, { defaultAddressId: id });
      await this.events.publish(userUpdated({ userId, fields: ['addresses'] }));
      return addressView({ ...row, ...edited }, isDefault ? id : user.defaultAddressId);
    });
  }

  /** Deletes a place; where it was the default, the newest of the others takes over. */
  async remove(userId: string, id: string): Promise<void> {
    await this.database.transaction(async () => {
      const { defaultAddressId } = await this.lock(userId);
      if (!(await this.addresses.delete(userId, id))) throw notFound('address');
      if (defaultAddressId === id) {
        await this.users.update(userId, { defaultAddressId: (await this.addresses.newest(userId)) ?? null });
      }
      await this.events.publish(userUpdated({ userId, fields: ['addresses'] }));
    });
  }

  private async existing(userId: string, id: string): Promise<AddressRow> {
    const row = await this.addresses.one(userId, id);
    if (!row) throw notFound('address');
    return row;
  }

  /** Changes of one account's addresses come one after the other: the default and the limit hold. */
  private async lock(userId: string): Promise<User> {
    return (await this.users.lock(userId)) ?? this.users.own(userId);
  }
}

const tooMany = () =>
  unprocessable('TOO_MANY_ADDRESSES', `An account has at most ${MAX_ADDRESSES} addresses: delete one first.`);
const changedMeanwhile = () =>
  conflict('ADDRESS_CHANGED', 'The address was changed or deleted at the same time: read it again.');
const mustHaveDefault = () =>
  conflict('ADDRESS_IS_DEFAULT', 'One address is always the default: make another one the default instead.');
