import type { z } from 'zod';
import type { Role as RoleSchema } from '@nakku/contracts';
import { newId, now } from '@nakku/database';
import type { User } from './user.entity.js';

type Role = z.output<typeof RoleSchema>;

/** What anybody may be told about an account; never a hash. */
export interface UserView {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  phone?: string;
  roles: Role[];
  stores?: string[];
  createdAt: string;
}

export function userView({ id, email, firstName, lastName, phone, roles, stores, createdAt }: User): UserView {
  return {
    id,
    email,
    firstName,
    lastName,
    ...(phone ? { phone } : {}),
    roles,
    ...(stores.length > 0 ? { stores } : {}),
    createdAt,
  };
}

/** What a person says about themselves when an account is made. */
export interface Person {
  email: string;
  firstName: string;
  lastName: string;
  phone?: string;
}

/** A new account's row. */
export function newUser(
  person: Person,
  passwordHash: string,
  roles: Role[] = ['customer'],
  stores: string[] = [],
): User {
  const createdAt = now();
  return {
    ...person,
    phone: person.phone ?? null,
    id: newId(),
    passwordHash,
    ...rolesAndStores(roles, stores),
    defaultAddressId: null,
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
  };
}

/** The columns that say what somebody may do. Stores mean nothing without the role that works there. */
export function rolesAndStores(roles: readonly Role[], stores: readonly string[]) {
  return {
    roles: [...new Set(roles)].sort(),
    stores: roles.includes('store_staff') ? [...new Set(stores)] : [],
    elevated: roles.some((role) => role !== 'customer'),
  };
}

/** What is left of an account after deletion: nobody can sign in, and the e-mail is free again. */
export const anonymised = (id: string, deletedAt: string) => ({
  email: `${id}@deleted.invalid`,
  passwordHash: '',
  firstName: 'Deleted',
  lastName: 'account',
  phone: null,
  defaultAddressId: null,
  deletedAt,
});
