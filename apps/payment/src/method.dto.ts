import { Id, Instant } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { MethodRow } from './method.entity.js';

const Method = z.object({ id: Id, token: z.string(), label: z.string().optional(), createdAt: Instant });
export class MethodView extends dto(Method) {}
export class MethodPage extends dto(page(Method)) {}
export class MethodQuery extends dto(PageQuery) {}
export class NewMethod extends dto(
  z.strictObject({ token: z.string().trim().min(1).max(128), label: z.string().trim().min(1).max(80).optional() }),
) {}

/** A method as its owner sees it: the token is theirs, and what they order with. */
export const methodView = ({ id, token, label, createdAt }: MethodRow): z.output<typeof Method> => ({
  id,
  token,
  ...(label === null ? {} : { label }),
  createdAt,
});
