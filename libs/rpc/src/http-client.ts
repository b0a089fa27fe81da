import type { Context } from '@nakku/observability';
import type { Api, Contract, Operation } from './contract.js';
import { callContext, checkInput, refuseInTransaction } from './invoke.js';
import { Problem, type ProblemBody, unavailable } from './problem.js';
import { type Answer, Unanswered } from './upstream.js';
import type { Upstreams } from './upstreams.js';

export interface HttpClientOptions {
  /** The copies of the peer. */
  upstreams: Upstreams;
  timeoutMs: number;
  /** The calling service's token. */
  token: () => Promise<string>;
  /** Tests: makes every idempotent call twice. */
  double?: boolean;
}

/** How many milliseconds the peer has. */
const TIME_LEFT = 'x-nakku-deadline-ms';

/** Calls the operations of one peer. */
export class Peer {
  constructor(private readonly options: HttpClientOptions) {}

  /** Calls `<contract>.<name>`: again, or elsewhere, where nothing was sent; where it may have run, only an idempotent operation. */
  async call(contract: string, name: string, operation: Operation, raw: unknown): Promise<unknown> {
    const fullName = `${contract}.${name}`;
    refuseInTransaction(fullName);
    const body = JSON.stringify(checkInput(operation, fullName, raw));
    const context = callContext(this.options.timeoutMs);
    const send = () => this.send(`${contract}/${name}`, body, context, operation.idempotent ?? false);
    if (operation.idempotent && this.options.double) await send();
    return operation.output.parse(await send());
  }

  private async send(operation: string, body: string, context: Context, idempotent: boolean): Promise<unknown> {
    const deadline = context.deadline!;
    const left = () => String(Math.max(1, deadline - Date.now()));
    const headers = await this.headers(context, left());
    const onRepeat = () => (headers[TIME_LEFT] = left());
    const message = { path: `/internal/${operation}`, method: 'POST' as const, headers, body };
    try {
      const repeat = idempotent ? 'always' : 'unsent';
      const answer = await this.options.upstreams.send(message, { repeat, deadline, onRepeat });
      return await read(answer);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw unavailable(
        `${operation} did not answer; ${wasSent(error) ? 'the call may have run' : 'it is not there'}.`,
      );
    }
  }

  private async headers(context: Context, left: string): Promise<Record<string, string>> {
    return {
      'content-type': 'application/json',
      authorization: `Bearer ${await this.options.token()}`,
      traceparent: context.traceparent,
      'x-request-id': context.requestId,
      [TIME_LEFT]: left,
      ...(context.actor ? { 'x-nakku-actor': JSON.stringify(context.actor) } : {}),
      ...(context.reads ? { 'x-nakku-reads': context.reads } : {}),
    };
  }
}

/** A client that calls the service in another process: `POST /internal/<domain>/<operation>`. */
export function httpClient<C extends Contract>(of: C, peer: Peer): Api<C> {
  const entries = Object.entries(of.operations).map(([name, operation]) => [
    name,
    (raw: unknown) => peer.call(of.domain, name, operation, raw),
  ]);
  return Object.fromEntries(entries) as Api<C>;
}

async function read({ statusCode, headers, body }: Answer): Promise<unknown> {
  const value = await body.json();
  if (statusCode < 400) return value;
  const retryAfter = headers['retry-after'];
  throw Problem.fromBody(value as ProblemBody, typeof retryAfter === 'string' ? { 'retry-after': retryAfter } : {});
}

const wasSent = (error: unknown): boolean => !(error instanceof Unanswered && error.reason === 'unsent');
