import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { contextFromHeaders, withContext, type Context } from './context.js';
import type { Metrics } from './metrics.js';

/** The Fastify instance below a Nest application. */
export type Fastify = FastifyInstance;

const SLOW_MS = 1000;
const CONTEXT = Symbol('context');

interface Carrier {
  [CONTEXT]?: Context;
}

/** Gives every request its context and its answer `X-Request-Id`. Register it before any other hook. */
export function bindContext(fastify: Fastify): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const context = contextFromHeaders(request.headers);
    (request as Carrier)[CONTEXT] = context;
    reply.header('x-request-id', context.requestId);
    withContext(context, done);
  });
}

/** Counts and times every request by method, route pattern and status; a path without a route is `unmatched`. */
export function observeHttp(fastify: Fastify, metrics: Metrics): void {
  const labels = ['method', 'route', 'status'] as const;
  const total = metrics.counter('http_requests_total', 'HTTP requests answered', labels);
  const duration = metrics.histogram('http_request_duration_seconds', 'Time to answer an HTTP request', labels);
  const series = new Map<string, { count: () => void; observe: (seconds: number) => void }>();
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const key = `${request.method} ${reply.statusCode} ${route}`;
    let one = series.get(key);
    if (!one) {
      const of = { method: request.method, route, status: String(reply.statusCode) };
      const counter = total.labels(of);
      const histogram = duration.labels(of);
      one = { count: () => counter.inc(), observe: (seconds) => histogram.observe(seconds) };
      series.set(key, one);
    }
    one.count();
    if (!isStream(reply)) one.observe(reply.elapsedTime / 1000);
    done();
  });
}

/** A stream of events lasts as long as somebody listens: that is not how long the server took. */
const isStream = (reply: FastifyReply): boolean =>
  String(reply.getHeader('content-type')).startsWith('text/event-stream');

/** Logs failed (5xx) and slow (over 1 s) requests as warnings, all others at debug. A query string is never logged. */
export function logRequests(fastify: Fastify, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const slow = reply.elapsedTime > SLOW_MS && !isStream(reply);
    const level = reply.statusCode >= 500 || slow ? 'warn' : 'debug';
    if (logger.isLevelEnabled(level)) {
      const { method } = request;
      const path = request.url.split('?', 1)[0];
      const fields = { method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      const log = () => logger[level](fields, 'request answered');
      const context = (request as Carrier)[CONTEXT];
      if (context) withContext(context, log);
      else log();
    }
    done();
  });
}
