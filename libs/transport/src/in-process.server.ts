import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Consumer } from './consumer.js';
import type { Envelope } from './event.js';
import type { HandlerExtras } from './listener.js';
import { Transport } from './transport.js';

/** Nest's transport strategy for events that stay in this process: collects the `@On` handlers and delivers to them from the outboxes. */
export class InProcessServer extends Server implements CustomTransportStrategy {
  override transportId = Symbol('in-process');
  private readonly consumers = new Map<string, Consumer[]>();
  /** The last delivery of each listening domain and key: the next one waits for it. */
  private readonly lanes = new Map<string, Promise<void>>();

  constructor(private readonly transport: Transport) {
    super();
  }

  /** Nest chains the handlers of one pattern into one; here each listening domain is served on its own. */
  override addHandler(
    pattern: string,
    callback: MessageHandler,
    _isEvent = false,
    extras: Record<string, unknown> = {},
  ): void {
    const handler = async (event: Envelope) => {
      const result: unknown = await callback(event);
      return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
    };
    const consumer = this.transport.consumerFor(extras as unknown as HandlerExtras, handler);
    const others = this.consumers.get(pattern) ?? [];
    if (others.some(({ domain }) => domain === consumer.domain))
      throw new Error(`${consumer.domain} handles ${pattern} twice`);
    this.consumers.set(pattern, [...others, consumer]);
  }

  listen(callback: (error?: unknown) => void): void {
    this.transport.start((envelope) => this.deliver(envelope)).then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await this.transport.stop();
  }

  on(): void {
    throw new Error('the in-process transport has no server events');
  }

  unwrap<T>(): T {
    return this.transport as T;
  }

  private async deliver(envelope: Envelope): Promise<void> {
    const consumers = this.consumers.get(envelope.type) ?? [];
    await Promise.all(consumers.map((consumer) => this.inLane(consumer, envelope)));
  }

  private inLane(consumer: Consumer, envelope: Envelope): Promise<void> {
    const lane = `${consumer.domain} ${envelope.source} ${envelope.subject}`;
    const before = this.lanes.get(lane);
    const turn = before
      ? before.catch(() => undefined).then(() => consumer.consume(envelope))
      : consumer.consume(envelope);
    this.lanes.set(lane, turn);
    const leave = () => {
      if (this.lanes.get(lane) === turn) this.lanes.delete(lane);
    };
    turn.then(leave, leave);
    return turn;
  }
}
