import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** What a signed-in account may be. */
export type Role = 'customer' | 'rider' | 'store_staff' | 'admin';

/** Who is acting. `stores` are the ids of the stores that a store_staff works for. */
export interface Actor {
  id: string;
  roles: readonly Role[];
  stores: readonly string[];
  sessionId?: string;
}

/** What travels with every request, call and event. `deadline` is in epoch milliseconds. */
export interface Context {
  requestId: string;
  traceparent: string;
  deadline?: number;
  actor?: Actor;
  idempotencyKey?: string;
  /** Set where a read may come from a replica, which can be some milliseconds behind: a GET of somebody who has not written lately. */
  reads?: 'replica';
}

const storage = new AsyncLocalStorage<Context>();
/** What a client may call its request. */
export const REQUEST_ID_FORM = /^[A-Za-z0-9._-]{8,128}$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The context of the running work, or a fresh one (a new trace) when there is none. */
export function currentContext(): Context {
  return storage.getStore() ?? newContext();
}

/** The context of the running work; undefined when there is none. */
export function activeContext(): Context | undefined {
  return storage.getStore();
}

/** Runs work, and everything it starts, with this context. */
export function withContext<T>(context: Context, work: () => T): T {
  return storage.run(context, work);
}

/** Makes a context; a missing or malformed request id or traceparent is replaced by a new one. */
export function newContext(from: Partial<Context> = {}): Context {
  const { requestId, traceparent, ...rest } = from;
  return {
    requestId: requestId !== undefined && REQUEST_ID_FORM.test(requestId) ? requestId : v7(),
    traceparent: acceptedTraceparent(traceparent) ?? newTraceparent(),
    ...rest,
  };
}

/** Makes the context of an incoming HTTP request from its `x-request-id` and `traceparent`, each kept only if well-formed. */
export function contextFromHeaders(headers: Record<string, string | string[] | undefined>): Context {
  return newContext({ requestId: one(headers['x-request-id']), traceparent: one(headers['traceparent']) });
}

/** The same trace with a new span id, for the next hop. A malformed traceparent starts a new trace. */
export function childTraceparent(traceparent: string): string {
  const [, traceId, , flags] = TRACEPARENT.exec(traceparent) ?? [];
  return traceId ? `00-${traceId}-${randomHex(8)}-${flags}` : newTraceparent();
}

/** The 32 hex digits that name the whole trace. */
export function traceIdOf(context: Context): string {
  return context.traceparent.slice(3, 35);
}

function newTraceparent(): string {
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}

/** Version 00 has four fields; a later version may have more and is carried on as 00, as W3C asks. */
function acceptedTraceparent(value: string | undefined): string | undefined {
  const found = value === undefined ? null : TRACEPARENT.exec(value);
  if (!found || (found[4] !== undefined && value?.startsWith('00'))) return undefined;
  return `00-${found[1]}-${found[2]}-${found[3]}`;
}

/** A header that was sent twice cannot be believed either way. */
function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Random bytes are drawn 4 KiB at a time: one system call then serves about 170 requests. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}
