import { Id, Instant, Role } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';

export const UserViewSchema = z.strictObject({
  id: Id,
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string().optional(),
  roles: z.array(Role),
  stores: z.array(Id).optional(),
  createdAt: Instant,
});

export class UserDto extends dto(UserViewSchema) {}
export class UserPage extends dto(page(UserViewSchema)) {}

export class UserQuery extends dto(
  PageQuery.extend({ q: z.string().trim().toLowerCase().max(191).optional(), role: Role.optional() }),
) {}

export class SetRoles extends dto(
  z
    .strictObject({ roles: z.array(Role).min(1).max(4), stores: z.array(Id).max(50).default([]) })
    .refine(({ roles, stores }) => !roles.includes('store_staff') || stores.length > 0, {
      path: ['stores'],
      message: 'store_staff needs the stores to work for',
    }),
) {}
