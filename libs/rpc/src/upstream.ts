import { EventEmitter } from 'node:events';
import { circuitBreaker, type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { type Dispatcher, Pool } from 'undici';
import type { Place } from './place.js';

/**
 * Why a request got no answer. `unsent`: nothing of it reached the service; `broken`: it may have run; `late`: no answer by the deadline, it may
 * have run; `cancelled`: whoever asked has gone.
 */
export type Reason = 'unsent' | 'broken' | 'late' | 'cancelled';

/** A request that got no answer. `blamed`: it speaks against the upstream. */
export class Unanswered extends Error {
  constructor(
    readonly reason: Reason,
    cause?: unknown,
    readonly blamed = reason === 'unsent' || reason === 'broken',
  ) {
    super(`no answer: ${reason}`, { cause });
    this.name = 'Unanswered';
  }
}

/** Says that an answer is no longer wanted. */
export class Cancel extends EventEmitter {
  reason?: Unanswered;

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  /** Gives the request up. */
  now(reason: Reason, cause?: unknown): void {
    if (this.reason) return;
    this.reason = new Unanswered(reason, cause);
    this.emit('abort');
  }
}

export type Answer = Dispatcher.ResponseData;

/** A body that can be sent again (text, bytes), or is read while it is sent. */
export type Body = string | Buffer | (() => AsyncIterable<Uint8Array>);

/** What is sent to an upstream. */
export interface Message {
  method: Dispatcher.HttpMethod;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body?: Body;
  /** A stream of events: it may say nothing for long, and takes no connection from the others. */
  stream?: boolean;
}

/** Node's servers keep idle connections for longer, and one that stops waits for 5 s before it cuts them: so nothing is sent on one that is being closed. */
const IDLE_MS = 4000;
const CONNECT_MS = 1000;
const CONNECTIONS = 128;
const REST_MS = 1000;
const OPTIONS = { pipelining: 1, keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS };
/** Who has waited for less cannot say that the service is slow. */
const PATIENT_MS = 1000;

/** One copy of a service: its connections, and whether it is worth asking. */
export class Upstream {
  /** Requests that wait for an answer. */
  pending = 0;
  private restsUntil = 0;
  private probeAt = 0;
  private readonly pool: Pool;
  private readonly streams: Pool;
  private readonly breaker: CircuitBreakerPolicy;

  constructor({ origin, servername }: Place) {
    const connect = { timeout: CONNECT_MS, ...(servername ? { servername } : {}) };
    this.pool = new Pool(origin, { ...OPTIONS, connections: CONNECTIONS, connect });
    this.streams = new Pool(origin, { ...OPTIONS, connect });
    // One that failed five times in a row is left alone for a second; then one request tries it.
    const failed = handleWhen((error) => error instanceof Unanswered && error.blamed);
    this.breaker = circuitBreaker(failed, { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(5) });
    this.breaker.onBreak(() => (this.probeAt = Date.now() + REST_MS));
  }

  /** Whether a request may be sent: not to one that is known to be sick, but for the one that finds out. */
  get usable(): boolean {
    const { state } = this.breaker;
    return state === CircuitState.Closed || (state === CircuitState.Open && Date.now() >= this.probeAt);
  }

  /** It has refused a connection or says that it stops: others are asked first for a moment. */
  get resting(): boolean {
    return Date.now() < this.restsUntil;
  }

  /** Resolves with the answer's head; its body can be read then. Throws Unanswered, or cockatiel's BrokenCircuitError. */
  async send(message: Message, deadline: number, cancel: Cancel): Promise<Answer> {
    this.pending++;
    try {
      const answer = await this.breaker.execute(() => this.request(message, deadline, cancel));
      if (answer.headers.connection === 'close') this.rest();
      return answer;
    } catch (error) {
      if (error instanceof Unanswered && error.reason === 'unsent') this.rest();
      throw error;
    } finally {
      this.pending--;
    }
  }

  /** Lets requests under way finish, and takes no more. */
  async close(): Promise<void> {
    await Promise.all([this.pool.close(), this.streams.close()]);
  }

  /** Cuts off whatever is under way. */
  async destroy(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.streams.destroy()]);
  }

  private rest(): void {
    this.restsUntil = Date.now() + REST_MS;
  }

  private async request({ stream, body, ...message }: Message, deadline: number, cancel: Cancel): Promise<Answer> {
    const startedAt = Date.now();
    try {
      return await (stream ? this.streams : this.pool).request({
        ...message,
        body: typeof body === 'function' ? body() : body,
        headersTimeout: 0, // `cancel` is on time, and counts the wait for a connection too
        bodyTimeout: stream ? 0 : Math.max(1, deadline - startedAt),
        signal: cancel,
      } as Dispatcher.RequestOptions);
    } catch (error) {
      if (!cancel.reason) throw new Unanswered(wasUnsent(error) ? 'unsent' : 'broken', error);
      const { reason, cause } = cancel.reason;
      throw new Unanswered(reason, cause, reason === 'late' && Date.now() - startedAt >= PATIENT_MS);
    }
  }
}

/** Errors of a connection that could not be opened, or of a pool that has just been closed. */
function wasUnsent(error: unknown): boolean {
  const { code, syscall } = error as { code?: string; syscall?: string };
  return syscall === 'connect' || syscall === 'getaddrinfo' || UNSENT.has(code ?? '');
}

const UNSENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CLOSED']);
