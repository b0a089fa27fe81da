import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Consumer } from './consumer.js';
import type { Envelope } from './event.js';
import type { HandlerExtras } from './listener.js';
import type { Transport } from './transport.js';

/** What both of Nest's transport strategies here have in common: they collect the `@On` handlers, for each listening domain on its own. */
export abstract class EventServer extends Server implements CustomTransportStrategy {
  /** By the type of the event. */
  protected readonly consumers = new Map<string, Consumer[]>();

  constructor(protected readonly transport: Transport) {
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

  abstract override listen(callback: (error?: unknown) => void): void;

  abstract override close(): Promise<void>;

  on(): void {
    throw new Error('the event transports have no server events');
  }

  unwrap<T>(): T {
    return this.transport as T;
  }
}
