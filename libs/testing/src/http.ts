import type { Actor } from '@nakku/observability';

/** JSON of whichever shape: a test looks into it as it likes. */
export type Loose = ReturnType<typeof JSON.parse>;

/** What a request gets back; `body` is parsed JSON where it is JSON. */
export interface Answer {
  status: number;
  body: Loose;
  headers: Record<string, string>;
}

export interface RequestOptions {
  /** Signs the request as this person. */
  as?: Actor | string;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Send = (method: string, url: string, options: RequestOptions) => Promise<Answer>;

/** `get`, `post`, ... over some way to send. */
export function verbs(send: Send) {
  const verb =
    (method: string) =>
    (url: string, options: RequestOptions = {}) =>
      send(method, url, options);
  return { get: verb('GET'), post: verb('POST'), put: verb('PUT'), patch: verb('PATCH'), delete: verb('DELETE') };
}

export type Http = ReturnType<typeof verbs>;

/** A client of a running process: paths are below its URL, `as` is an access token. */
export function httpClientOf(url: string): Http {
  return verbs(async (method, path, { as, body, headers }) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(typeof as === 'string' ? { authorization: `Bearer ${as}` } : {}),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      body: parseBody(await response.text()),
      headers: Object.fromEntries(response.headers),
    };
  });
}

/** JSON where it is JSON, else the text; nothing for an empty body. */
export function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
