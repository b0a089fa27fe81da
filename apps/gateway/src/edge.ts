import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { bearerToken, TokenService } from '@nakku/auth';
import { RateLimiter } from '@nakku/cache';
import { CoreSettings } from '@nakku/config';
import type { Fastify } from '@nakku/observability';
import { Problem, sendProblem } from '@nakku/rpc';
import { Peers } from '@nakku/runtime';
import type { FastifyRequest } from 'fastify';
import { ServiceDocuments } from './docs.merge.js';
import { mountDocs } from './docs.js';
import { EventStreams } from './event.streams.js';
import { GatewaySettings } from './gateway.config.js';
import { Forwarding } from './proxy.forward.js';
import { METHODS, mountProxy } from './proxy.js';

/** 600 requests a minute for a user, or for the address of somebody who is not signed in. */
const PER_MINUTE = { points: 600, durationSeconds: 60 };
const UNLIMITED = /^\/(health|metrics|internal)(\/|\?|$)/;

/** What stands between the internet and the domains: CORS, rate limits, docs, and the way to those that run elsewhere. */
export function configureEdge(app: INestApplication): void {
  const core = app.get(CoreSettings);
  const fastify = (app as NestFastifyApplication).getHttpAdapter().getInstance();
  if (core.CORS_ORIGINS.length > 0)
    app.enableCors({ origin: core.CORS_ORIGINS, methods: METHODS, exposedHeaders: EXPOSED, maxAge: 600 });
  if (core.RATE_LIMITS === 'on') limitRates(fastify, app.get(RateLimiter), app.get(TokenService));
  const [peers, tokens] = [app.get(Peers), app.get(TokenService)];
  if (peers.elsewhere().length === 0) return mountDocs(app);
  mountDocs(app, new ServiceDocuments(peers, tokens));
  const forwarding = new Forwarding(tokens, app.get(EventStreams), app.get(GatewaySettings).GATEWAY_TIMEOUT_MS);
  mountProxy(fastify, peers, tokens, forwarding);
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
  const token = bearerToken(headers);
  const actor = token && (await tokens.verifyAccess(token).catch(() => undefined));
  return actor ? `user ${actor.id}` : `address ${ip}`;
}
