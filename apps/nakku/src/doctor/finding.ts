/** `warn`: nothing is broken yet. `skip`: it could not be looked at, or there is no such thing here. */
export type Status = 'ok' | 'warn' | 'fail' | 'skip';

/** What a check has found about one thing. */
export interface Finding {
  /** What was looked at: `order-service 10.0.0.7:8084`, `topic order-events`. */
  name: string;
  status: Status;
  found: string;
  /** What to do; for whatever is not well. */
  advice?: string;
}

export const ok = (name: string, found: string): Finding => ({ name, status: 'ok', found });
export const warn = (name: string, found: string, advice: string): Finding => ({ name, status: 'warn', found, advice });
export const fail = (name: string, found: string, advice: string): Finding => ({ name, status: 'fail', found, advice });
export const skip = (name: string, found: string, advice?: string): Finding => ({
  name,
  status: 'skip',
  found,
  ...(advice !== undefined && { advice }),
});

/** A finding by how bad a number is: well below `bad.warn`, and broken from `bad.fail` on. */
export function graded(
  name: string,
  value: number,
  bad: { warn: number; fail: number },
  found: string,
  advice: string,
): Finding {
  if (value >= bad.fail) return fail(name, found, advice);
  return value >= bad.warn ? warn(name, found, advice) : ok(name, found);
}

/** What an operator is told of an error: one line, and the code where there is one. */
export function reasonOf(error: unknown): string {
  const { code, message, cause, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (cause) return reasonOf(cause);
  if (!message && errors?.length) return reasonOf(errors[0]);
  const line = String(message ?? error)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
  return typeof code === 'string' && !line.includes(code)
    ? `${line} (${code})`.trim()
    : line || 'an error without a word';
}
