import type { z } from 'zod';

/** What a domain tells the others: declared once, with the schema of what it says. */
export interface EventDefinition<T extends string = string, P extends z.ZodObject = z.ZodObject> {
  /** `domain.happened`, past tense. */
  type: T;
  /** Grows with a change that old listeners cannot read. */
  version: number;
  /** The payload field whose value keeps order: events of one key arrive as they were published. */
  key: keyof z.output<P> & string;
  payload: P;
  /** The domain that owns the event: the only one that may publish it. */
  domain: string;
  topic: string;
}

/** An event that is about to be published. */
export interface Message<D extends EventDefinition = EventDefinition> {
  definition: D;
  data: z.input<D['payload']>;
}

/** Declares an event. The result makes messages: `events.publish(orderCreated({ ... }))`. */
export function event<const T extends `${string}.${string}`, P extends z.ZodObject>(spec: {
  type: T;
  version: number;
  key: keyof z.output<P> & string;
  payload: P;
}) {
  const domain = spec.type.slice(0, spec.type.indexOf('.'));
  const definition: EventDefinition<T, P> = { ...spec, domain, topic: `${domain}-events` };
  const create = (data: z.input<P>): Message<EventDefinition<T, P>> => ({ definition, data });
  return Object.assign(create, definition);
}

/** What an event may have in JSON, in bytes of UTF-8. */
export const MAX_ENVELOPE_BYTES = 65_535;

/** CloudEvents 1.0 in structured JSON, as it is stored and sent. */
export interface Envelope {
  specversion: '1.0';
  id: string;
  type: string;
  source: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** `urn:nakku:event:<type>:v<version>` */
  dataschema: string;
  traceparent: string;
  data: unknown;
}

/** What a handler receives: `EventOf<typeof orderCreated>`. */
export type EventOf<D extends { payload: z.ZodType; type: string }> = Omit<Envelope, 'data' | 'type'> & {
  type: D['type'];
  data: z.output<D['payload']>;
};
