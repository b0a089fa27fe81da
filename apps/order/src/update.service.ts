import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import type { Order } from './order.entity.js';
import type { UpdateActor, UpdateDetail, UpdateKind } from './update.entity.js';
import { UpdateRepository } from './update.repository.js';

/** What is to be told of an order. */
export interface News {
  kind: UpdateKind;
  event: string;
  actor: UpdateActor;
  detail?: UpdateDetail;
}

type Waker = (heard: boolean) => void;

/** Writes what happens to orders, and wakes those in this process who wait for it. */
@Injectable()
export class UpdateService implements OnModuleDestroy {
  private readonly waiting = new Map<string, Set<Waker>>();
  /** The process is about to end: whoever waits must answer now. */
  stopping = false;

  constructor(
    private readonly database: Database,
    private readonly updates: UpdateRepository,
  ) {}

  /** Before the listener closes, which waits for every answer to end. */
  onModuleDestroy(): void {
    this.stopping = true;
    for (const orderId of [...this.waiting.keys()]) this.wake(orderId);
  }

  /** Call it in the transaction of the change, with the order as it is after it. */
  async record(
    { id: orderId, customerId, version: seq, status }: Pick<Order, 'id' | 'customerId' | 'version' | 'status'>,
    news: News,
    at = now(),
  ): Promise<void> {
    await this.updates.insert({ ...news, orderId, customerId, seq, status, at });
    this.database.afterCommit(() => this.wake(orderId));
  }

  /**
   * Resolves at the order's next update in this process (to true), at the signal, or after `ms`: then look into the table, other processes
   * write there too.
   */
  next(orderId: string, ms: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted || this.stopping) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wakers = this.waiting.get(orderId) ?? new Set();
      const wake = (heard: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        wakers.delete(wake);
        if (wakers.size === 0 && this.waiting.get(orderId) === wakers) this.waiting.delete(orderId);
        resolve(heard);
      };
      const giveUp = () => wake(false);
      const timer = setTimeout(giveUp, ms).unref();
      signal?.addEventListener('abort', giveUp);
      this.waiting.set(orderId, wakers.add(wake));
    });
  }

  private wake(orderId: string): void {
    for (const wake of [...(this.waiting.get(orderId) ?? [])]) wake(true);
  }
}
