import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, currentContext } from '@nakku/observability';
import type { FastifyRequest } from 'fastify';
import { unauthorized } from './unauthorized.js';

/** Who is acting; 401 `TOKEN_MISSING` when nobody is signed in. */
export function currentActor(): Actor {
  const { actor } = currentContext();
  if (!actor) throw unauthorized('TOKEN_MISSING', 'Sign in and send the access token as a Bearer token.');
  return actor;
}

/** Injects who is acting into a controller method. */
export const CurrentActor = createParamDecorator(() => currentActor());

/** Injects who is acting, or undefined for a guest. */
export const OptionalActor = createParamDecorator(() => currentContext().actor);

/** Injects the guest cart's token (`X-Cart-Token`), or undefined. */
export const GuestToken = createParamDecorator((_: unknown, execution: ExecutionContext) => {
  const token = execution.switchToHttp().getRequest<FastifyRequest>().headers['x-cart-token'];
  return typeof token === 'string' && token.length > 0 ? token : undefined;
});

/** Whether the actor may act for a store: its staff, or an admin. */
export const worksAt = (actor: Actor, storeId: string): boolean =>
  actor.roles.includes('admin') || (actor.roles.includes('store_staff') && actor.stores.includes(storeId));
