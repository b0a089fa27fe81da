import { Injectable } from '@nestjs/common';
import { Database, inTransaction, newId, now } from '@nakku/database';
import { childTraceparent, currentContext } from '@nakku/observability';
import type { Envelope, EventDefinition, Message } from './event.js';
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
    // Plain SQL: it runs for every event, and the query builder costs several times the statement. Backticks: MySQL and SQLite take them.
    await this.database.manager.query(
      'INSERT INTO outbox (`id`, `type`, `key`, `envelope`, `created_at`) VALUES (?, ?, ?, ?, ?)',
      [envelope.id, envelope.type, envelope.subject, JSON.stringify(envelope), envelope.time],
    );
    this.database.afterCommit(() => this.relay.offer(envelope));
  }
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
