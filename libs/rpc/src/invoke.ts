import { childTraceparent, type Context, currentContext } from '@nakku/observability';
import { inTransaction } from '@nakku/database';
import type { z } from 'zod';
import type { Operation } from './contract.js';
import { badRequest, type FieldError, unavailable } from './problem.js';

/** Zod's issues as the `errors` of a problem document. */
export const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));

/** Checks what goes into an operation; 400 `INVALID_INPUT`. */
export function checkInput(operation: Operation, name: string, raw: unknown): unknown {
  const input = operation.input.safeParse(raw);
  if (!input.success)
    throw badRequest('INVALID_INPUT', `${name} was called with a wrong input.`, fieldErrors(input.error));
  return input.data;
}

/** The context of a call made from here: same actor and request, its own span, and never a later deadline than the caller's. */
export function callContext(timeoutMs: number): Context {
  const context = currentContext();
  const deadline = Math.min(context.deadline ?? Infinity, Date.now() + timeoutMs);
  return { ...context, traceparent: childTraceparent(context.traceparent), deadline };
}

/** A transaction holds everybody who wants to write: it must not wait for another domain. */
export function refuseInTransaction(name: string): void {
  if (inTransaction()) throw new Error(`${name} was called inside a transaction: call it before, or after the commit.`);
}

/** Gives up at the deadline: 503, which means that the work may have been done. */
export async function beforeDeadline<T>(name: string, deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable(`${name} did not answer in time.`)),
      Math.max(0, deadline - Date.now()),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
