import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import type { UpdateActor, UpdateDetail, UpdateKind } from './update.entity.js';
import type { OrderStatus } from './order.js';
import { UpdateRepository } from './update.repository.js';

/** What is to be told of an order. */
export interface News {
  kind: UpdateKind;
  event: string;
  actor: UpdateActor;
  detail?: UpdateDetail;
}

/** Writes what happens to orders, and wakes those in this process who wait for it. */
@Injectable()
export class UpdateService implements OnModuleDestroy {
  private readonly waiting = new Map<string, Set<() => void>>();
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

  /** Call it in the transaction of the change. */
  async record(order: { id: string; status: OrderStatus }, news: News, at = now()): Promise<void> {
    await this.updates.insert({ ...news, orderId: order.id, status: order.status, at });
    this.database.afterCommit(() => this.wake(order.id));
  }

  /** Resolves at the order's next update in this process, at the signal, or after `ms`: then look into the table, others write there too. */
  next(orderId: string, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const wakers = this.waiting.get(orderId) ?? new Set();
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        wakers.delete(wake);
        if (wakers.size === 0 && this.waiting.get(orderId) === wakers) this.waiting.delete(orderId);
        resolve();
      };
      const timer = setTimeout(wake, ms).unref();
      signal?.addEventListener('abort', wake);
      this.waiting.set(orderId, wakers.add(wake));
    });
  }

  private wake(orderId: string): void {
    for (const wake of [...(this.waiting.get(orderId) ?? [])]) wake();
  }
}
