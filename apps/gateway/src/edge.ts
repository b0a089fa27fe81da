import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenService } from '@nakku/auth';
import { RateLimiter } from '@nakku/cache';
import { CoreSettings } from '@nakku/config';
import type { Fastify } from '@nakku/observability';
import { Problem, sendProblem } from '@nakku/rpc';
import type { FastifyRequest } from 'fastify';
import { mountDocs } from './docs.js';

/** 600 requests a minute for a user, or for the address of somebody who is not signed in. */
const PER_MINUTE = { points: 600, durationSeconds: 60 };
const UNLIMITED = /^\/(health|metrics|internal)(\/|\?|$)/;

/** What stands between the internet and the domains: CORS, rate limits, docs. */
export function configureEdge(app: INestApplication): void {
  const core = app.get(CoreSettings);
  if (core.CORS_ORIGINS.length > 0) app.enableCors({ origin: core.CORS_ORIGINS, exposedHeaders: EXPOSED, maxAge: 600 });
  if (core.RATE_LIMITS === 'on')
    limitRates(
      (app as NestFastifyApplication).getHttpAdapter().getInstance(),
      app.get(RateLimiter),
      app.get(TokenService),
    );
  mountDocs(app);
}

/** The headers that a browser's script may read. */
const EXPOSED = [
  'X-Request-Id',
  'X-Cart-Token',
  'Idempotency-Replayed',
  'Retry-After',
  'ETag',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
];

function limitRates(fastify: Fastify, limiter: RateLimiter, tokens: TokenService): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (UNLIMITED.test(request.url)) return;
    const state = await limiter.consume('requests', await caller(request, tokens), PER_MINUTE);
    reply
      .header('ratelimit-limit', state.limit)
      .header('ratelimit-remaining', state.remaining)
      .header('ratelimit-reset', state.resetSeconds);
    if (state.allowed) return;
    const headers = { 'retry-after': String(state.resetSeconds) };
    sendProblem(
      reply,
      new Problem(429, 'TOO_MANY_REQUESTS', `Slow down: ${state.limit} requests a minute.`, { headers }),
    );
    return reply;
  });
}

/** The user of a good token, else the address: a forged token must neither escape the limit nor use up somebody else's. */
async function caller({ headers, ip }: FastifyRequest, tokens: TokenService): Promise<string> {
  const token = headers.authorization?.startsWith('Bearer ') ? headers.authorization.slice(7) : undefined;
  const actor = token && (await tokens.verifyAccess(token).catch(() => undefined));
  return actor ? `user ${actor.id}` : `address ${ip}`;
}
