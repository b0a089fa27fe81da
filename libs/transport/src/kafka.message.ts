import type { IHeaders, Message } from 'kafkajs';
import { type Envelope, MAX_ENVELOPE_BYTES } from './event.js';

/** A message as it comes from a topic. */
export type Incoming = Pick<Message, 'key' | 'value' | 'headers'>;

/** The event of a message, or what is wrong with it. */
export type Reading = { envelope: Envelope } | { malformed: string };

/** An event as a message: CloudEvents in structured mode, whose key keeps the events of one subject together. */
export const toMessage = (envelope: Envelope): Message => ({
  key: envelope.subject,
  value: JSON.stringify(envelope),
  headers: {
    'content-type': 'application/cloudevents+json; charset=UTF-8',
    traceparent: envelope.traceparent,
    ce_id: envelope.id,
    ce_type: envelope.type,
  },
});

/** The type that the header tells, so that what nobody here handles need not be parsed. */
export const typeOf = ({ headers }: Incoming): string | undefined => text(headers?.ce_type);

/** Reads a message. Nothing that anybody can write into a topic may make it throw. */
export function read({ value }: Incoming): Reading {
  if (!value) return { malformed: 'it is empty' };
  if (value.length > MAX_ENVELOPE_BYTES) return { malformed: `it has more than ${MAX_ENVELOPE_BYTES} bytes` };
  try {
    const envelope: unknown = JSON.parse(value.toString());
    const problem = problemOf(envelope);
    return problem ? { malformed: problem } : { envelope: envelope as Envelope };
  } catch {
    return { malformed: 'it is not JSON' };
  }
}

/** What the tables and the handlers rely on; `data` is checked against the event's schema when it is handled. */
function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not an object';
  const found = value as Record<string, unknown>;
  const fields = { id: 36, type: 64, source: 191, subject: 191, time: 64 };
  for (const [field, longest] of Object.entries(fields)) {
    const content = found[field];
    if (typeof content !== 'string' || content === '') return `it has no ${field}`;
    if (content.length > longest) return `its ${field} has more than ${longest} characters`;
  }
  return typeof found.traceparent === 'string' || found.traceparent === undefined
    ? undefined
    : 'its traceparent is no text';
}

/** A message that could not be handled, with why: everything about the original is kept. */
export const toDeadMessage = (message: Incoming, why: Record<string, string | number>): Message => ({
  key: message.key,
  value: message.value,
  headers: {
    ...message.headers,
    ...Object.fromEntries(Object.entries(why).map(([name, value]) => [`nakku-${name}`, String(value)])),
  },
});

function text(header: IHeaders[string]): string | undefined {
  const one = Array.isArray(header) ? header[0] : header;
  return one?.toString();
}
