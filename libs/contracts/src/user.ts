import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id, Lat, Lng } from './shapes.js';

/** What a customer fills in for a place. */
export const AddressFields = z.object({
  label: z.string().trim().min(1).max(50),
  line1: z.string().trim().min(1).max(200),
  line2: z.string().trim().max(200).optional(),
  city: z.string().trim().min(1).max(100),
  state: z.string().trim().min(1).max(100),
  postalCode: z.string().trim().min(3).max(12),
  country: z.string().regex(/^[A-Z]{2}$/),
});

/** A saved address; `lat` and `lng` are there once it could be geocoded, `serviceable` tells whether a zone covers it. */
export const Address = AddressFields.extend({
  id: Id,
  lat: Lat.optional(),
  lng: Lng.optional(),
  isDefault: z.boolean(),
  serviceable: z.boolean(),
});

export const Role = z.enum(['customer', 'rider', 'store_staff', 'admin']);

export const user = contract('user', {
  /** The user's own address; somebody else's is not found. */
  getAddress: {
    input: z.object({ userId: Id, addressId: Id }),
    output: Address,
    errors: ['ADDRESS_NOT_FOUND'],
    idempotent: true,
  },
  /** How to reach a user. `active` is false after deletion. */
  getContact: {
    input: z.object({ userId: Id }),
    output: z.object({
      userId: Id,
      email: z.string(),
      phone: z.string().optional(),
      firstName: z.string(),
      lastName: z.string(),
      active: z.boolean(),
    }),
    errors: ['USER_NOT_FOUND'],
    idempotent: true,
  },
  /** Adds a role (and, for store_staff, the stores). Having it already changes nothing. */
  grantRole: {
    input: z.object({ userId: Id, role: Role, stores: z.array(Id).max(50).default([]) }),
    output: z.object({}),
    errors: ['USER_NOT_FOUND'],
    idempotent: true,
  },
});
export class UserApi extends api(user) {}

export const userRegistered = event({
  type: 'user.registered',
  version: 1,
  key: 'userId',
  payload: z.object({ userId: Id, email: z.string(), firstName: z.string() }),
});
export const userLogin = event({
  type: 'user.login',
  version: 1,
  key: 'userId',
  payload: z.object({ userId: Id, sessionId: Id }),
});
export const userUpdated = event({
  type: 'user.updated',
  version: 1,
  key: 'userId',
  payload: z.object({ userId: Id, fields: z.array(z.string()) }),
});
export const userDeleted = event({
  type: 'user.deleted',
  version: 1,
  key: 'userId',
  payload: z.object({ userId: Id }),
});
export const userAddressAdded = event({
  type: 'user.address.added',
  version: 1,
  key: 'userId',
  payload: z.object({ userId: Id, addressId: Id, serviceable: z.boolean() }),
});
