import { currentContext } from '@nakku/observability';

/** One thing that is wrong with an input: where (`items.0.quantity`) and why. */
export interface FieldError {
  path: string;
  message: string;
}

export interface ProblemOptions {
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** More members of the problem document, e.g. the lines that are short. Must be fit for strangers to see. */
  extra?: Record<string, unknown>;
}

/** The body of an error answer (RFC 9457, `application/problem+json`). */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  traceId: string;
  errors?: FieldError[];
  [member: string]: unknown;
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Not possible',
  428: 'Precondition required',
  429: 'Too many requests',
  503: 'Unavailable',
};

/** An expected failure. `code` is stable UPPER_SNAKE and part of the API; whatever else is thrown is a bug and becomes a bare 500. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Problem';
  }

  /** The document as it is sent; the trace id is the current request's. */
  toBody(): ProblemBody {
    const traceId = currentContext().traceparent.split('-')[1] ?? '';
    const { errors, extra } = this.options;
    return {
      type: `urn:nakku:problem:${this.code.toLowerCase().replaceAll('_', '-')}`,
      title: TITLES[this.status] ?? 'Internal error',
      status: this.status,
      detail: this.detail,
      code: this.code,
      traceId,
      ...(errors ? { errors } : {}),
      ...extra,
    };
  }

  /** Rebuilds the problem that another process sent. */
  static fromBody(body: ProblemBody, headers: Record<string, string> = {}): Problem {
    const { type: _type, title: _title, traceId: _traceId, status, detail, code, errors, ...extra } = body;
    return new Problem(status, code, detail, { errors, extra, headers });
  }
}

/** 404 `<WHAT>_NOT_FOUND`: absent, or somebody else's. */
export const notFound = (what: string): Problem =>
  new Problem(404, `${what.toUpperCase().replaceAll(/[\s-]+/g, '_')}_NOT_FOUND`, `There is no such ${what}.`);
/** 400: the request is malformed. */
export const badRequest = (code: string, detail: string, errors?: FieldError[]): Problem =>
  new Problem(400, code, detail, { errors });
/** 409: the state of the thing does not allow it. */
export const conflict = (code: string, detail: string, extra?: Record<string, unknown>): Problem =>
  new Problem(409, code, detail, { extra });
/** 422: understood but impossible. */
export const unprocessable = (code: string, detail: string, extra?: Record<string, unknown>): Problem =>
  new Problem(422, code, detail, { extra });
/** 403: signed in, but not allowed. */
export const forbidden = (code: string, detail: string): Problem => new Problem(403, code, detail);
/** 503 `UNAVAILABLE`: a dependency did not answer; what was asked of it may have happened. */
export const unavailable = (detail: string, retryAfterSeconds = 1): Problem =>
  new Problem(503, 'UNAVAILABLE', detail, { headers: { 'retry-after': String(retryAfterSeconds) } });
