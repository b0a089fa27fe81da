import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type Context, currentContext, withContext } from '@nakku/observability';
import { Problem, unavailable } from '@nakku/rpc';
import { isFinal } from './order.js';
import { OrderSettings } from './order.config.js';
import { presentState, streamEvent } from './update.dto.js';
import type { OrderUpdate } from './update.entity.js';
import { type OrderKey, UpdateRepository } from './update.repository.js';
import { UpdateService } from './update.service.js';

/** A stream of server-sent events, and what ends it. */
export interface OrderStream {
  events: Readable;
  end: () => void;
}

/** Where a stream begins. */
interface Start {
  first: string;
  /** The last update that the client knows. */
  after: number;
  /** Nothing will follow. */
  over: boolean;
}

/** Tells customers live how their orders come along. */
@Injectable()
export class StreamService {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly updates: UpdateRepository,
    private readonly news: UpdateService,
    private readonly settings: OrderSettings,
  ) {}

  /**
   * What happens to the order after the event `lastSeen`, or from its present state on, until it is final.
   * Undefined when nothing will ever follow `lastSeen`; 429 `TOO_MANY_STREAMS`.
   */
  async follow(order: OrderKey, lastSeen?: number): Promise<OrderStream | undefined> {
    const start = startOf(await fromPrimary(() => this.updates.after(order)), lastSeen);
    if (!start) return undefined;
    const { customerId } = order;
    this.enter(customerId);
    const closed = new AbortController();
    const events = Readable.from(this.events(order, start, currentContext(), closed.signal));
    events.once('close', () => this.leave(customerId));
    return { events, end: () => closed.abort() };
  }

  /** Reads from the table only what the client has taken: a slow one gets fewer positions, never a queue in memory. */
  private async *events(
    order: OrderKey,
    { first, after, over }: Start,
    context: Context,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let [seen, spokeAt, heard] = [after, Date.now(), true];
    yield first;
    while (!over && !signal.aborted && !this.news.stopping) {
      const change = this.news.next(order.id, this.settings.ORDER_STREAM_POLL_MS, signal);
      const look = () => this.updates.after(order, seen);
      // What was committed here just now may not be on a replica yet.
      for (const update of await (heard ? fromPrimary(look) : withContext(context, look))) {
        yield streamEvent(update);
        [seen, spokeAt] = [update.seq, Date.now()];
        if (isFinal(update.status)) return;
      }
      if (Date.now() - spokeAt >= this.settings.ORDER_STREAM_HEARTBEAT_MS) {
        yield ':\n\n';
        spokeAt = Date.now();
      }
      heard = await change;
    }
  }

  private enter(userId: string): void {
    if (this.news.stopping) throw unavailable('This process is stopping: connect again.');
    const streams = this.open.get(userId) ?? 0;
    if (streams >= this.settings.ORDER_STREAMS_PER_USER) {
      throw new Problem(429, 'TOO_MANY_STREAMS', 'Close one of your open streams first.', {
        headers: { 'retry-after': '5' },
      });
    }
    this.open.set(userId, streams + 1);
  }

  private leave(userId: string): void {
    const streams = (this.open.get(userId) ?? 1) - 1;
    if (streams > 0) this.open.set(userId, streams);
    else this.open.delete(userId);
  }
}

/** Undefined when nothing will follow what the client has seen. */
function startOf(updates: readonly OrderUpdate[], lastSeen?: number): Start | undefined {
  const last = updates.at(-1)?.seq ?? 0;
  const ended = updates.some(({ status }) => isFinal(status));
  if (lastSeen === undefined || lastSeen > last)
    return { first: presentState(updates) ?? ':\n\n', after: last, over: ended };
  return ended && lastSeen === last ? undefined : { first: ':\n\n', after: lastSeen, over: false };
}

/** A replica that is behind what the client has seen would take the stream back. */
const fromPrimary = <T>(look: () => Promise<T>): Promise<T> =>
  withContext({ ...currentContext(), reads: undefined }, look);
