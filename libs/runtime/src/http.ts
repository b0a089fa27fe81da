import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Fastify, type Metrics, observeHttp } from '@nakku/observability';
import { sendProblem, toProblem } from '@nakku/rpc';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The largest body of a route that does not say otherwise: 1 MiB. */
export const BODY_LIMIT = 1_048_576;

/** Fastify's options. The keep-alive is longer than that of the usual balancers (60 s): they must be the ones who close. */
export const HTTP_OPTIONS = {
  bodyLimit: BODY_LIMIT,
  keepAliveTimeout: 72_000,
  requestTimeout: 60_000,
  connectionTimeout: 0,
  routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  return503OnClosing: true,
  // A path that cannot be decoded is refused by the router itself, before Nest sees it.
  frameworkErrors: (error: { statusCode?: number }, _request: unknown, reply: FastifyReply) =>
    sendProblem(reply, toProblem({ statusCode: error.statusCode ?? 400 })),
};

/** What every process's HTTP server does: metrics, the security headers, and a problem document for a path that is none. */
export function configureHttp(fastify: Fastify, metrics: Metrics): void {
  observeHttp(fastify, metrics);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('text/html')) reply.header('content-security-policy', HTML_POLICY);
    done(null, payload);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
    done();
  });
}

/** Reads JSON bodies, and nothing else. None at all is not an error here: a route that needs one says so itself. */
export function readJson(app: NestFastifyApplication): void {
  const parse = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser('application/json', { bodyLimit: BODY_LIMIT }, (request, body: Buffer, done) => {
    if (body.length === 0) done(null, undefined);
    else void parse(request as FastifyRequest, body.toString('utf8'), done);
  });
}

/** Connections on which nothing was ever asked (browsers open them ahead of need): a closing server would wait for them. */
export function unusedConnections(server: Server): Set<Socket> {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: { socket: Socket }) => unused.delete(socket));
  return unused;
}

const HTML_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
