import { Injectable } from '@nestjs/common';
import type { Database } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { Consumer, type Handler } from './consumer.js';
import type { Envelope } from './event.js';
import { Slots } from './lanes.js';
import { type HandlerExtras, listeningDomain } from './listener.js';
import type { Deliver, Relay } from './relay.js';
import type { EventOperations } from './operations.js';
import { TransportSettings } from './transport.settings.js';

interface Participant {
  database: Database;
  relay: Relay;
  operations: EventOperations;
  /** Absent in the embedded store, which handles one event at a time and commits many together. */
  slots?: Slots;
}

/** How the events of a process travel. */
export type TransportMode = 'in-process' | 'kafka';

/** The domains of this process that publish and listen. A strategy, made by `createEventServer`, carries their events. */
@Injectable()
export class Transport {
  private readonly participants = new Map<string, Participant>();
  private readonly consumers: Consumer[] = [];
  private readonly handled;
  private readonly delay;
  mode: TransportMode = 'in-process';
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
  join(participant: Omit<Participant, 'slots'>): void {
    const { database } = participant;
    const slots = database.shared ? new Slots(this.settings.EVENT_CONCURRENCY) : undefined;
    this.participants.set(database.name, { ...participant, slots });
  }

  /** The domains of this process. */
  get domains(): string[] {
    return [...this.participants.keys()];
  }

  /** The event operations of a domain of this process. */
  operations(domain: string): EventOperations {
    const participant = this.participants.get(domain);
    if (!participant) throw new Error(`${domain} does not run in this process`);
    return participant.operations;
  }

  /** Makes the consumer of a handler: the strategies call it for each `@On`. */
  consumerFor({ definition, listener }: HandlerExtras, handler: Handler): Consumer {
    const domain = listeningDomain(listener);
    const participant = this.participants.get(domain);
    if (!participant) throw new Error(`${domain} listens to ${definition.type} but has no database here`);
    const { database, slots } = participant;
    const policy = { maxTries: this.settings.EVENT_MAX_TRIES, retryMs: this.settings.EVENT_RETRY_MS };
    const observe = (result: string, envelope: Envelope) => this.observe(domain, result, envelope);
    const consumer = new Consumer(domain, definition, handler, database, policy, observe, slots);
    this.consumers.push(consumer);
    return consumer;
  }

  /** The consumer with which a domain handles a type of event. */
  consumer(domain: string, type: string): Consumer | undefined {
    return this.consumers.find((one) => one.domain === domain && one.definition.type === type);
  }

  /** Opens the outboxes: what is committed goes to `deliver`. */
  async start(deliver: Deliver): Promise<void> {
    if (!this.delivers) return;
    const takeoverMs = this.settings.EVENT_TAKEOVER_MS;
    await Promise.all([...this.participants.values()].map(({ relay }) => relay.start(deliver, takeoverMs)));
  }

  /** Nothing is tried again: what waits for another try stays with its sender, and what runs may end. */
  stopRetrying(): void {
    for (const consumer of this.consumers) consumer.stop();
  }

  /** Closes the outboxes, and waits at most `graceMs` for what is on its way. */
  async stop(graceMs = this.stopGraceMs): Promise<void> {
    this.stopRetrying();
    await Promise.all([...this.participants.values()].map(({ relay }) => relay.stop(graceMs)));
  }

  private observe(domain: string, result: string, envelope: Envelope): void {
    this.handled.inc({ domain, type: envelope.type, result });
    if (result === 'handled') this.delay.observe({ domain }, (Date.now() - Date.parse(envelope.time)) / 1000);
  }
}
