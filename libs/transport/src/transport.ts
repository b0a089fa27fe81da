import { Injectable } from '@nestjs/common';
import type { Database } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { Consumer, type Handler } from './consumer.js';
import type { Envelope } from './event.js';
import { type HandlerExtras, listeningDomain } from './listener.js';
import type { Deliver, Relay } from './relay.js';
import type { EventOperations } from './operations.js';
import { TransportSettings } from './transport.settings.js';

interface Participant {
  database: Database;
  relay: Relay;
  operations: EventOperations;
}

/** The domains of this process that publish and listen. */
@Injectable()
export class Transport {
  private readonly participants = new Map<string, Participant>();
  private readonly consumers: Consumer[] = [];
  private readonly handled;
  private readonly delay;
  /** False while some listeners live in other processes and there is no broker to reach them: events then wait in their outboxes. */
  delivers = true;
  /** How long a stop waits for events on their way, in milliseconds. */
  stopGraceMs = 10_000;

  constructor(
    private readonly settings: TransportSettings,
    metrics: Metrics,
  ) {
    this.handled = metrics.counter('nakku_events_total', 'Events by listening domain, type and result', [
      'domain',
      'type',
      'result',
    ]);
    this.delay = metrics.histogram('nakku_event_delay_seconds', 'From publication to the committed effect', ['domain']);
  }

  /** Makes a domain's outbox and inbox part of the transport. */
  join(participant: Participant): void {
    this.participants.set(participant.database.name, participant);
  }

  /** The event operations of a domain of this process. */
  operations(domain: string): EventOperations {
    const participant = this.participants.get(domain);
    if (!participant) throw new Error(`${domain} does not run in this process`);
    return participant.operations;
  }

  consumerFor({ definition, listener }: HandlerExtras, handler: Handler): Consumer {
    const domain = listeningDomain(listener);
    const participant = this.participants.get(domain);
    if (!participant) throw new Error(`${domain} listens to ${definition.type} but has no database here`);
    const policy = { maxTries: this.settings.EVENT_MAX_TRIES, retryMs: this.settings.EVENT_RETRY_MS };
    const observe = (result: string, envelope: Envelope) => this.observe(domain, result, envelope);
    const consumer = new Consumer(domain, definition, handler, participant.database, policy, observe);
    this.consumers.push(consumer);
    return consumer;
  }

  /** The consumer with which a domain handles a type of event. */
  consumer(domain: string, type: string): Consumer | undefined {
    return this.consumers.find((one) => one.domain === domain && one.definition.type === type);
  }

  async start(deliver: Deliver): Promise<void> {
    if (!this.delivers) return;
    await Promise.all([...this.participants.values()].map(({ relay }) => relay.start(deliver)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.participants.values()].map(({ relay }) => relay.stop(this.stopGraceMs)));
    for (const consumer of this.consumers) consumer.stop();
  }

  private observe(domain: string, result: string, envelope: Envelope): void {
    this.handled.inc({ domain, type: envelope.type, result });
    if (result === 'handled') this.delay.observe({ domain }, (Date.now() - Date.parse(envelope.time)) / 1000);
  }
}
