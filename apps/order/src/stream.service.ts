import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Problem, unavailable } from '@nakku/rpc';
import { isFinal } from './order.js';
import { OrderSettings } from './order.config.js';
import { presentState, streamEvent } from './update.dto.js';
import { UpdateRepository } from './update.repository.js';
import { UpdateService } from './update.service.js';

/** A stream of server-sent events, and what ends it. */
export interface OrderStream {
  events: Readable;
  end: () => void;
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
  async follow(userId: string, orderId: string, lastSeen?: number): Promise<OrderStream | undefined> {
    const newest = await this.updates.newest(orderId);
    const last = newest.at(-1)?.id ?? 0;
    const ended = newest.some(({ status }) => isFinal(status));
    const resumes = lastSeen !== undefined && lastSeen <= last;
    if (resumes && lastSeen === last && ended) return undefined;
    const first = resumes ? ':\n\n' : (presentState(newest) ?? ':\n\n');
    this.enter(userId);
    const closed = new AbortController();
    const events = Readable.from(
      this.events(orderId, first, resumes ? lastSeen : last, ended && !resumes, closed.signal),
    );
    events.once('close', () => this.leave(userId));
    return { events, end: () => closed.abort() };
  }

  /** Reads from the table only what the client has taken: a slow one gets fewer positions, never a queue in memory. */
  private async *events(
    orderId: string,
    first: string,
    after: number,
    over: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let [seen, spokeAt] = [after, Date.now()];
    yield first;
    while (!over && !signal.aborted && !this.news.stopping) {
      const change = this.news.next(orderId, this.settings.ORDER_STREAM_POLL_MS, signal);
      for (const update of await this.updates.after(orderId, seen)) {
        yield streamEvent(update);
        [seen, spokeAt] = [update.id, Date.now()];
        if (isFinal(update.status)) return;
      }
      if (Date.now() - spokeAt >= this.settings.ORDER_STREAM_HEARTBEAT_MS) {
        yield ':\n\n';
        spokeAt = Date.now();
      }
      await change;
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
