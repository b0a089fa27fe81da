import { setTimeout as sleep } from 'node:timers/promises';
import { circuitBreaker, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import { Pool } from 'undici';
import type { Context } from '@nakku/observability';
import type { Api, Contract, Operation } from './contract.js';
import { callContext, checkInput, refuseInTransaction } from './invoke.js';
import { Problem, type ProblemBody, unavailable } from './problem.js';

export interface HttpClientOptions {
  /** Origin of the peer, e.g. `http://order:8084`. Asked for at the first call. */
  origin: () => string;
  timeoutMs: number;
  /** The calling service's token. */
  token: () => Promise<string>;
  /** Tests: makes every idempotent call twice. */
  double?: boolean;
}

/** What keeps the connections of one peer: a pool and a circuit breaker. */
export class Peer {
  private pool?: Pool;
  // A peer that failed five times in a row is left alone for a second: its callers get their 503 at once.
  private readonly breaker = circuitBreaker(
    handleWhen((error) => error instanceof Problem && error.status === 503),
    { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(5) },
  );

  constructor(private readonly options: HttpClientOptions) {}

  /** Calls `<contract>.<name>`; retried once where that is harmless and time is left. */
  async call(contract: string, name: string, operation: Operation, raw: unknown): Promise<unknown> {
    const fullName = `${contract}.${name}`;
    refuseInTransaction(fullName);
    const body = JSON.stringify(checkInput(operation, fullName, raw));
    const context = callContext(this.options.timeoutMs);
    const send = () => this.guarded(fullName, () => this.send(`${contract}/${name}`, body, context));
    if (operation.idempotent && this.options.double) await send();
    const output = await send().catch(async (error: unknown) => {
      if (!operation.idempotent || !worthRetrying(error, context)) throw error;
      await sleep(20 + Math.random() * 80);
      return send();
    });
    return operation.output.parse(output);
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private async guarded(name: string, work: () => Promise<unknown>): Promise<unknown> {
    return this.breaker
      .execute(() => work())
      .catch((error: unknown) => {
        throw isBrokenCircuitError(error) ? unavailable(`${name} is not answering.`) : error;
      });
  }

  private async send(operation: string, body: string, context: Context): Promise<unknown> {
    this.pool ??= new Pool(this.options.origin(), { connections: 64, connect: { timeout: 1000 } });
    const remaining = Math.max(1, context.deadline! - Date.now());
    const headers = await this.headers(context, remaining);
    const path = `/internal/${operation}`;
    const answer = await this.pool
      .request({
        path,
        method: 'POST',
        headers,
        body,
        headersTimeout: remaining,
        bodyTimeout: remaining,
        signal: AbortSignal.timeout(remaining),
      })
      .then(async (response) => ({
        status: response.statusCode,
        headers: response.headers,
        body: await response.body.json(),
      }))
      .catch(() => {
        throw unavailable(`${operation} did not answer; the call may have run.`);
      });
    if (answer.status < 400) return answer.body;
    const retryAfter = answer.headers['retry-after'];
    throw Problem.fromBody(
      answer.body as ProblemBody,
      typeof retryAfter === 'string' ? { 'retry-after': retryAfter } : {},
    );
  }

  private async headers(context: Context, remaining: number): Promise<Record<string, string>> {
    return {
      'content-type': 'application/json',
      authorization: `Bearer ${await this.options.token()}`,
      traceparent: context.traceparent,
      'x-request-id': context.requestId,
      'x-nakku-deadline-ms': String(remaining),
      ...(context.actor ? { 'x-nakku-actor': JSON.stringify(context.actor) } : {}),
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

const worthRetrying = (error: unknown, context: Context): boolean =>
  error instanceof Problem && error.status === 503 && context.deadline! - Date.now() > 200;
