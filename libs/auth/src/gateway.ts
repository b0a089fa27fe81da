import { currentContext, type Fastify } from '@nakku/observability';
import type { FastifyRequest } from 'fastify';
import type { TokenService } from './token.service.js';

/** The name in the gateway's own token. */
export const GATEWAY = 'gateway';

/** The header with the gateway's token, which vouches for what else it says about a request. */
export const GATEWAY_TOKEN = 'x-nakku-gateway';

/**
 * Believes what the gateway tells about the client (address, scheme, host) and how much time is left, but only with its own token: what
 * anybody else says in these headers is not looked at. So a service needs no list of proxies.
 */
export function trustGateway(fastify: Fastify, tokens: TokenService): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const token = request.headers[GATEWAY_TOKEN];
    if (typeof token !== 'string') return done();
    tokens.verifyService(token).then(
      (name) => {
        if (name === GATEWAY) believe(request);
        done();
      },
      () => done(),
    );
  });
}

function believe(request: FastifyRequest): void {
  const { headers } = request;
  tell(request, 'ip', headers['x-forwarded-for']);
  tell(request, 'protocol', headers['x-forwarded-proto']);
  tell(request, 'host', headers['x-forwarded-host']);
  const remaining = Number(headers['x-nakku-deadline-ms']);
  if (remaining > 0) currentContext().deadline = Date.now() + remaining;
}

/** Fastify reads these off the connection. */
function tell(request: FastifyRequest, name: 'ip' | 'protocol' | 'host', value: unknown): void {
  if (typeof value === 'string') Object.defineProperty(request, name, { value });
}
