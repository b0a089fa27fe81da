import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Actor, currentContext, type Role } from '@nakku/observability';
import type { FastifyRequest } from 'fastify';
import { TokenService } from './token.service.js';
import { unauthorized } from './unauthorized.js';

/**
 * Who may call a route. `public`: anybody; `guest`: anybody, a token is read when there is one; `user`: anybody signed in;
 * a role: those who have it; `service`: another Nakku process (internal routes only).
 */
export type AccessRule = 'public' | 'guest' | 'user' | 'service' | Role;

/** Reflection key of the declared access. */
export const ACCESS = 'nakku:access';

/** Declares who may call a route (or every route of a controller). The start is refused where it is missing. */
export const Access = (...rules: [AccessRule, ...AccessRule[]]) => SetMetadata(ACCESS, rules);

/** Lets a request through when its token fits what the route declares, and puts the actor into the context. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenService,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (execution.getType() !== 'http') return true; // events carry no token: they come from the domains themselves
    const rules = this.reflector.getAllAndOverride<AccessRule[] | undefined>(ACCESS, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    if (!rules) throw new ForbiddenException({ code: 'FORBIDDEN', detail: 'This route declares no access.' });
    if (rules.includes('public')) return true;
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const token = bearerToken(request);
    if (rules.includes('service')) return this.letServiceIn(request, token);
    if (!token) {
      if (rules.includes('guest')) return true;
      throw unauthorized('TOKEN_MISSING', 'Sign in and send the access token as a Bearer token.');
    }
    const actor = await this.tokens.verifyAccess(token);
    currentContext().actor = actor;
    if (rules.some((rule) => rule === 'user' || rule === 'guest' || actor.roles.includes(rule as Role))) return true;
    throw new ForbiddenException({ code: 'FORBIDDEN', detail: 'Your role does not allow this.' });
  }

  /** A peer acts for somebody: its word about whom is taken only with its own token. */
  private async letServiceIn(request: FastifyRequest, token: string | undefined): Promise<boolean> {
    if (!token) throw unauthorized('TOKEN_MISSING', 'Internal routes are for services.');
    await this.tokens.verifyService(token);
    const context = currentContext();
    const { 'x-nakku-actor': actor, 'x-nakku-deadline-ms': remaining } = request.headers;
    if (typeof actor === 'string') context.actor = parseActor(actor);
    if (Number(remaining) > 0) context.deadline = Date.now() + Number(remaining);
    return true;
  }
}

function parseActor(header: string): Actor {
  try {
    return JSON.parse(header) as Actor;
  } catch {
    throw unauthorized('TOKEN_INVALID', 'The header x-nakku-actor is not JSON.');
  }
}

function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  return header?.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7) : undefined;
}
