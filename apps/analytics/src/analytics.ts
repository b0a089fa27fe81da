import { badRequest } from '@nakku/rpc';

/** How far an order is: a later stage is never overwritten by an earlier one that is heard late. */
export const STAGES = { pending: 1, confirmed: 2, packed: 3, cancelled: 9, delivered: 9, failed: 9 } as const;
export type Stage = keyof typeof STAGES;

/** The day (UTC) of an instant. */
export const dayOf = (at: string): string => at.slice(0, 10);

/** A half-open span of time, ISO instants. */
export interface Span {
  from: string;
  to: string;
}

const DAY_MS = 24 * 3600_000;
const MAX_DAYS = 366;

/** The span asked for: by default the last seven days up to now; 400 when it is upside down or longer than a year. */
export function spanOf({ from, to }: { from?: string; to?: string }, nowMs: number): Span {
  const end = to ? Date.parse(to) : nowMs;
  const begin = from ? Date.parse(from) : end - 7 * DAY_MS;
  if (begin >= end) throw badRequest('INVALID_SPAN', '`from` must be before `to`.');
  if (end - begin > MAX_DAYS * DAY_MS) throw badRequest('INVALID_SPAN', 'A span has at most 366 days.');
  return { from: new Date(begin).toISOString(), to: new Date(end).toISOString() };
}
