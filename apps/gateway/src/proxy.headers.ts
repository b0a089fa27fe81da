/** Headers as reply-from and undici pass them. */
export type Headers = Record<string, string | string[] | undefined>;

/** What is between two neighbours only (RFC 9110, 7.6.1), besides what their `Connection` header names. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What only we say to a service; `expect` was answered here. */
const NOT_FROM_OUTSIDE = new Set([
  ...HOP_BY_HOP,
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'traceparent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]);

/** What the edge sets itself on every answer. */
const NOT_FROM_SERVICES = new Set([
  ...HOP_BY_HOP,
  'referrer-policy',
  'server',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'x-powered-by',
  'x-request-id',
]);

/** What services tell each other, and what the edge alone tells browsers. */
const INSIDE = /^(x-nakku-|access-control-)/;

/** The one of our own names that comes from outside: a payment provider signs with it. */
const SIGNATURE = 'x-nakku-signature';

/**
 * Takes out of a client's headers what a service may not see. Only then are our own put in, so that nothing a client says can take them away.
 * A header that is undefined is not sent; to delete it would cost more.
 */
export function forService(headers: Headers, hasBody: boolean): Headers {
  const signature = headers[SIGNATURE];
  takeOut(headers, NOT_FROM_OUTSIDE);
  headers[SIGNATURE] = signature;
  if (!hasBody) headers['content-length'] = headers['content-type'] = undefined;
  return headers;
}

/** The headers of a service's answer that the client may see. */
export function forClient(given: Headers): Headers {
  const headers: Headers = {};
  const named = namedBy(given.connection);
  for (const name of Object.keys(given))
    if (!NOT_FROM_SERVICES.has(name) && !named?.has(name) && !INSIDE.test(name)) headers[name] = given[name];
  return headers;
}

/** One list of the names in both: an answer differs by what the service looked at and by what the edge did. */
export function vary(ours: unknown, theirs: Headers['vary']): string {
  const names = [ours, theirs].flat().flatMap((value) => (typeof value === 'string' ? value.split(/\s*,\s*/) : []));
  return [...new Set(names)].join(', ');
}

function takeOut(headers: Headers, dropped: ReadonlySet<string>): void {
  const named = namedBy(headers.connection);
  for (const name of Object.keys(headers))
    if (dropped.has(name) || named?.has(name) || name.startsWith('x-nakku-')) headers[name] = undefined;
}

function namedBy(connection: Headers['connection']): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(
    String(connection)
      .toLowerCase()
      .split(/\s*,\s*/),
  );
}
