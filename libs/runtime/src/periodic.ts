import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { newContext, withContext } from '@nakku/observability';

/** Runs housekeeping over and over: never twice at once, and never after the stop has begun. */
@Injectable()
export class Periodic implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Periodic.name);
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  /** Runs `work` every `ms` milliseconds, counted from the end of the last run. An error is logged and forgotten. */
  every(ms: number, name: string, work: () => Promise<unknown>): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const run = this.once(name, work).finally(() => {
        this.running.delete(run);
        this.every(ms, name, work);
      });
      this.running.add(run);
    }, ms);
    this.timers.add(timer.unref());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.timers.forEach(clearTimeout);
    await Promise.all(this.running);
  }

  private async once(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await withContext(newContext(), work);
    } catch (err) {
      if (!this.stopped) this.logger.error({ err }, `${name} failed`);
    }
  }
}
