import { Injectable } from '@nestjs/common';
import { Database, inTransaction, newId, now } from '@nakku/database';
import { childTraceparent, currentContext } from '@nakku/observability';
import { type Envelope, type EventDefinition, MAX_ENVELOPE_BYTES, type Message } from './event.js';
import { Relay } from './relay.js';

/** Publishes a domain's events, in the transaction that causes them. */
@Injectable()
export class EventBus {
  constructor(
    private readonly database: Database,
    private readonly relay: Relay,
  ) {}

  /** Writes the event to the outbox: it is delivered if, and only if, the running transaction commits. */
  async publish<D extends EventDefinition>(message: Message<D>): Promise<void> {
    const { definition } = message;
    if (!inTransaction()) throw new Error(`${definition.type} was published outside a transaction`);
    if (definition.domain !== this.database.name)
      throw new Error(`${this.database.name} does not own ${definition.type}`);
    const envelope = seal(definition, definition.payload.parse(message.data));
    await this.write(envelope, bounded(envelope));
    this.database.afterCommit(() => this.relay.offer(envelope));
  }

  private async write({ id, type, subject, time }: Envelope, json: string): Promise<void> {
    const { database, relay } = this;
    const place = relay.place(database.shared ? await this.lastPlaceOf(subject) : 0);
    // Plain SQL: it runs for every event, and the query builder costs several times the statement. Backticks: MySQL and SQLite take them.
    await database.manager.query(
      'INSERT INTO outbox (`id`, `seq`, `type`, `key`, `envelope`, `owner`, `created_at`) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [id, place, type, subject, json, relay.owner, time],
    );
  }

  private async lastPlaceOf(key: string): Promise<number> {
    const rows = await this.database.manager.query<{ last: number | string | null }[]>(
      'SELECT MAX(seq) AS `last` FROM outbox WHERE `key` = ?',
      [key],
    );
    return Number(rows[0]?.last ?? 0);
  }
}

/** The envelope as it is stored and sent. Throws when it is larger than MySQL's TEXT, which also keeps a batch far below what brokers accept. */
function bounded(envelope: Envelope): string {
  const json = JSON.stringify(envelope);
  const bytes = json.length * 3 <= MAX_ENVELOPE_BYTES ? 0 : Buffer.byteLength(json);
  if (bytes > MAX_ENVELOPE_BYTES)
    throw new Error(`${envelope.type} has ${bytes} bytes, but an event may have ${MAX_ENVELOPE_BYTES} at most`);
  return json;
}

/** Puts a payload into its CloudEvents envelope. */
export function seal(definition: EventDefinition, data: Record<string, unknown>): Envelope {
  return {
    specversion: '1.0',
    id: newId(),
    type: definition.type,
    source: `/nakku/${definition.domain}`,
    subject: String(data[definition.key]),
    time: now(),
    datacontenttype: 'application/json',
    dataschema: `urn:nakku:event:${definition.type}:v${definition.version}`,
    traceparent: childTraceparent(currentContext().traceparent),
    data,
  };
}
