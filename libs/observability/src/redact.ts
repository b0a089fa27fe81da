import { EventEmitter } from 'node:events';

const SENSITIVE =
  /pass(word|phrase|wd)|secret|token|authorization|cookie|otp$|private_?key|api_?key|signature|^cvv$|^pan$|card_?number|^parameters$/i;
const CENSORED = '(not shown)';
const DEPTH = 6;

/** A copy of what is to be logged in which the values of sensitive keys, at any depth, are not shown. */
export function redact(value: Record<string, unknown>, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value))
    copy[key] = SENSITIVE.test(key) ? censored(inner) : deep(inner, depth + 1);
  return copy;
}

/** Whether one was there at all helps and tells nothing. */
function censored(value: unknown): unknown {
  return value === undefined || value === null ? value : CENSORED;
}

function deep(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH) return '(too deep)';
  if (Array.isArray(value)) return value.map((item) => deep(item, depth + 1));
  if (value instanceof EventEmitter) return `(${value.constructor.name})`;
  return writesItself(value) ? value : redact({ ...value }, depth);
}

/** Dates, buffers and URLs say how they are written; of an error only its serializer shows anything. */
function writesItself(value: object): boolean {
  return value instanceof Error || 'toJSON' in value;
}
