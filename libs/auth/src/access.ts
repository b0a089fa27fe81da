import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  Optional,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Actor, currentContext, type Role } from '@nakku/observability';
import type { FastifyRequest } from 'fastify';
import { ReplicaReads } from './replica.reads.js';
import { type Bearer, TokenService } from './token.service.js';
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
    @Optional() private readonly reads?: ReplicaReads,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (execution.getType() !== 'http') return true; // events carry no token: they come from the domains themselves
    const rules = this.reflector.getAllAndOverride<AccessRule[] | undefined>(ACCESS, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    if (!rules) throw new ForbiddenException({ code: 'FORBIDDEN', detail: 'This route declares no access.' });
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const token = bearerToken(request.headers);
    if (rules.includes('service')) return this.letServiceIn(request, token);
    const bearer = await this.bearer(rules, token);
    if (this.reads?.active) await this.reads.decide(request, bearer);
    return true;
  }

  /** Whose token it is, where the rules ask for that; refuses one that does not fit them. */
  private async bearer(rules: readonly AccessRule[], token: string | undefined): Promise<Bearer | undefined> {
    // On a public route the token counts for nothing, so a bad one is no reason to refuse; it only tells whether somebody has just written.
    if (rules.includes('public'))
      return token && this.reads?.active ? this.tokens.readAccess(token).catch(() => undefined) : undefined;
    if (!token) {
      if (rules.includes('guest')) return undefined;
      throw unauthorized('TOKEN_MISSING', 'Sign in and send the access token as a Bearer token.');
    }
    const bearer = await this.tokens.readAccess(token);
    const { actor } = bearer;
    currentContext().actor = actor;
    if (rules.some((rule) => rule === 'user' || rule === 'guest' || actor.roles.includes(rule as Role))) return bearer;
    throw new ForbiddenException({ code: 'FORBIDDEN', detail: 'Your role does not allow this.' });
  }

  /** A peer acts for somebody: its word about whom is taken only with its own token. */
  private async letServiceIn(request: FastifyRequest, token: string | undefined): Promise<boolean> {
    if (!token) throw unauthorized('TOKEN_MISSING', 'Internal routes are for services.');
    await this.tokens.verifyService(token);
    const context = currentContext();
    const { 'x-nakku-actor': actor, 'x-nakku-deadline-ms': remaining, 'x-nakku-reads': reads } = request.headers;
    if (typeof actor === 'string') context.actor = parseActor(actor);
    if (Number(remaining) > 0) context.deadline = Date.now() + Number(remaining);
    if (reads === 'replica') context.reads = 'replica';
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

/** The token of `Authorization: Bearer <token>`. */
export function bearerToken({ authorization: header }: { authorization?: string }): string | undefined {
  return header?.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7) : undefined;
}
