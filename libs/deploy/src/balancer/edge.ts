import { DOMAINS, type DomainEntry } from '@nakku/contracts';
import { REQUEST_ID_FORM } from '@nakku/observability';
import { BODY_LIMIT, UPLOAD_LIMIT } from '@nakku/runtime';
import { PRIVATE_RANGES } from '../environment.js';

/** Longest bodies in bytes: the gateway's own limits, so that both refuse the same. */
export const BODY_BYTES = BODY_LIMIT;
export const UPLOAD_BYTES = UPLOAD_LIMIT;

/** What the gateway serves to the world, as a regular expression; `/metrics`, `/internal` and whatever comes later stay inside. */
export const PUBLIC_PATHS = '^/(api/|docs(/|$)|openapi\\.json$|\\.well-known/)';
/** Streams of events, as the gateway knows them. */
export const STREAM_PATHS = '^/api/.+/stream$';
/** Who brings a request id of a form that the gateway takes keeps it. */
export const REQUEST_ID = REQUEST_ID_FORM.source;

/** The private network is not limited: probes, load tests, another balancer. */
export const UNLIMITED = [...PRIVATE_RANGES, '127.0.0.0/8', 'fc00::/7', '::1/128'];
/** What one address may do at the edge. Many customers share one (mobile carriers), so it is no limit for people: the gateway has that. */
export const PER_ADDRESS = { requestsPerSecond: 100, burst: 200, connections: 200 };

export const HSTS = 'max-age=31536000; includeSubDomains';

/** Mozilla's "intermediate" without the DHE suites, which want parameters of their own and are asked for by nobody who lacks ECDHE. */
export const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** The routes that take long bodies, as whole paths. */
export const uploadPaths = (domains: readonly DomainEntry[] = Object.values(DOMAINS)): string[] =>
  domains.flatMap(({ uploads = [] }) => uploads.map((route) => `/api/v1/${route.split(' ')[1]}`));

/** What the balancer answers itself, in the gateway's words. */
export interface EdgeProblem {
  status: number;
  code: string;
  title: string;
  detail: string;
  retryAfterSeconds?: number;
}

export const PROBLEMS: readonly EdgeProblem[] = [
  { status: 400, code: 'BAD_REQUEST', title: 'Bad request', detail: 'The request is malformed.' },
  { status: 404, code: 'NOT_FOUND', title: 'Not found', detail: 'There is nothing here.' },
  { status: 405, code: 'METHOD_NOT_ALLOWED', title: 'Method not allowed', detail: 'The request is malformed.' },
  { status: 408, code: 'REQUEST_TIMEOUT', title: 'Request timeout', detail: 'The request did not arrive in time.' },
  {
    status: 413,
    code: 'BODY_TOO_LARGE',
    title: 'Body too large',
    detail: 'The body is larger than this route takes.',
  },
  { status: 414, code: 'URI_TOO_LONG', title: 'Address too long', detail: 'The address is too long.' },
  {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    title: 'Too many requests',
    detail: 'Slow down: too many requests from this address.',
    retryAfterSeconds: 1,
  },
  { status: 431, code: 'HEADERS_TOO_LARGE', title: 'Headers too large', detail: 'The headers are too large.' },
  { status: 500, code: 'INTERNAL', title: 'Internal error', detail: 'Something went wrong on our side.' },
  {
    status: 503,
    code: 'UNAVAILABLE',
    title: 'Unavailable',
    detail: 'The service did not answer; what was asked may have happened.',
    retryAfterSeconds: 1,
  },
];

/** The document of a problem; `traceId` is how the balancer writes it. */
export const problemBody = ({ status, code, title, detail }: EdgeProblem, traceId: string): string =>
  JSON.stringify({
    type: `urn:nakku:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    code,
    traceId,
  });

/** A part of a configuration, moved to the right; empty lines stay empty. */
export const indented = (spaces: number, text: string): string => text.replace(/^(?=.)/gm, ' '.repeat(spaces));
