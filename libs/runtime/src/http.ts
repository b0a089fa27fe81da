import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fastify, type HealthRegistry, type Metrics, observeHttp } from '@nakku/observability';
import { sendProblem, toProblem } from '@nakku/rpc';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The largest body of a route that does not say otherwise: 1 MiB. */
export const BODY_LIMIT = 1_048_576;
/** The largest body of a route that takes long ones (`uploads` of its domain): 256 MiB. */
export const UPLOAD_LIMIT = 256 * BODY_LIMIT;

/** Fastify's options. The keep-alive is longer than that of the usual balancers (60 s): they must be the ones who close. */
export const HTTP_OPTIONS = {
  bodyLimit: BODY_LIMIT,
  keepAliveTimeout: 72_000,
  requestTimeout: 60_000,
  connectionTimeout: 0,
  routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  return503OnClosing: false, // what has arrived is answered; that its connection ends is said in the answer
  // A path that cannot be decoded is refused by the router itself, before Nest sees it.
  frameworkErrors: (error: { statusCode?: number }, _request: unknown, reply: FastifyReply) =>
    sendProblem(reply, toProblem({ statusCode: error.statusCode ?? 400 })),
};

/** What every process's HTTP server does: metrics, the security headers, and letting go of connections when it stops. */
export function configureHttp(fastify: Fastify, metrics: Metrics, health: HealthRegistry): void {
  observeHttp(fastify, metrics);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('text/html')) reply.header('content-security-policy', HTML_POLICY);
    if (health.isDraining) reply.header('connection', 'close');
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

/**
 * Accepts no more connections, and waits up to `ms` until those that are open have ended: each ends with its next answer, or when a client
 * has not used it for some seconds. Closing idle ones at once would cut off the requests that are on their way to us.
 */
export async function letGo(server: Server, ms: number): Promise<void> {
  NetServer.prototype.close.call(server); // a http server's own close() cuts idle connections
  const open = () => new Promise<number>((tell) => server.getConnections((error, count) => tell(error ? 0 : count)));
  for (const end = Date.now() + ms; Date.now() < end && (await open()) > 0;) await sleep(20);
}

const HTML_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
