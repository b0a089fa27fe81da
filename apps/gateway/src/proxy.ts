import replyFrom from '@fastify/reply-from';
import { bearerToken, type TokenService } from '@nakku/auth';
import { type DomainEntry, type DomainName, DOMAINS } from '@nakku/contracts';
import type { Fastify } from '@nakku/observability';
import { sendProblem, toProblem } from '@nakku/rpc';
import type { Peers } from '@nakku/runtime';
import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { proxyProblem, refuse } from './proxy.answer.js';
import { type Forwarding, sender } from './proxy.forward.js';

/** What the API knows. */
export const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const API = '/api/v1/';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes anybody, whatever token they carry. */
    open?: boolean;
  }
}

/** Hands the paths of the domains that other processes host on to them. What arrives here is not looked into. */
export function mountProxy(fastify: Fastify, peers: Peers, tokens: TokenService, forwarding: Forwarding): void {
  void fastify.register(async (scope) => {
    await scope.register(replyFrom, { undici: { request: sender.request as never }, disableRequestLogging: true });
    refuseBadTokens(scope, tokens);
    for (const domain of peers.elsewhere())
      void scope.register(async (own) => mountDomain(own, domain, peers, forwarding));
  });
}

function mountDomain(scope: Fastify, domain: DomainName, peers: Peers, forwarding: Forwarding): void {
  const { paths, open, uploads = [] }: DomainEntry = DOMAINS[domain];
  const upstreams = peers.upstreams(domain);
  const handler = (request: FastifyRequest, reply: FastifyReply) => forwarding.forward(request, reply, upstreams);
  scope.setErrorHandler((error, _request, reply) => sendProblem(reply, proxyProblem(error, domain)));
  keepBodies(scope);
  const openRoutes = open.map(routeOf);
  for (const route of openRoutes) scope.route({ ...route, config: { open: true }, handler });
  for (const url of paths.flatMap((path) => (path.startsWith('/') ? [path] : [API + path, `${API}${path}/*`]))) {
    const taken = openRoutes.flatMap((route) => (route.url === url ? route.method : []));
    const method = METHODS.filter((name) => !taken.includes(name));
    scope.route({ method, url, exposeHeadRoute: false, handler });
  }
  void scope.register(async (streamed) => {
    passBodiesOn(streamed);
    for (const route of uploads)
      streamed.route({
        ...routeOf(route),
        handler: (request, reply) => forwarding.forward(request, reply, upstreams, true),
      });
  });
}

/** `GET products/:id` is a method and a path below `/api/v1`; one that begins with a slash is at the root. */
function routeOf(route: string): { method: HTTPMethods[]; url: string; exposeHeadRoute: false } {
  const [method = '', path = ''] = route.split(' ');
  const url = path.startsWith('/') ? path : API + path;
  return { method: method === 'GET' ? ['GET', 'HEAD'] : [method], url, exposeHeadRoute: false };
}

/** A token that is none of ours, or has expired, goes no further, except where the service would not look at it either. */
function refuseBadTokens(scope: Fastify, tokens: TokenService): void {
  scope.addHook('onRequest', async (request, reply) => {
    const token = bearerToken(request.headers);
    if (token === undefined || request.routeOptions.config.open) return undefined;
    return tokens.readAccess(token).then(
      () => undefined,
      (error: unknown) => refuse(reply, toProblem(error)),
    );
  });
}

/** Bodies are taken whole, so that they can be sent again, and as they are: the service reads them. */
function keepBodies(scope: Fastify): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function passBodiesOn(scope: Fastify): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
}
