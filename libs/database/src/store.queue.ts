import { AsyncLocalStorage } from 'node:async_hooks';
import { type Body, bodies, type StoreStats } from './store.database.js';
import type { Statements } from './store.runner.js';

interface Job {
  /** Runs something in the async context of whoever asked for the transaction: the drain runs in that of whoever came first. */
  inContext: <R>(run: () => R) => R;
  begin: () => Body;
  work: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

interface Outcome {
  job: Job;
  body: Body;
  value: unknown;
}

const GROUP = 64;
const LAZY_MS = 50;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The one writer of an embedded store. Queued transactions run one after the other as savepoints of one outer transaction and are all
 * answered after its single commit (group commit, as in Gray & Reuter, Transaction Processing, ch. 9).
 */
export class WriteQueue {
  private readonly jobs: Job[] = [];
  private readonly lazyJobs: Job[] = [];
  private draining?: Promise<void>;
  private lazyTimer?: NodeJS.Timeout;
  readonly stats: StoreStats = { transactions: 0, commits: 0, rollbacks: 0, longestBodyMs: 0 };

  constructor(private readonly writer: Statements) {}

  run<T>(begin: () => Body, work: () => Promise<T>, lazy: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = {
        inContext: AsyncLocalStorage.snapshot(),
        begin,
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
      };
      if (!lazy) this.jobs.push(job);
      else this.lazyJobs.push(job);
      if (!lazy) this.wake();
      else this.lazyTimer ??= setTimeout(() => this.wake(), LAZY_MS);
    });
  }

  /** Resolves when nothing is queued any more. */
  async idle(): Promise<void> {
    while (this.jobs.length + this.lazyJobs.length > 0 || this.draining) {
      this.wake();
      await this.draining;
    }
  }

  private wake(): void {
    // The group opens a turn later, so that everybody of this turn is in it; outside of the waker's async context.
    this.draining ??= bodies
      .exit(() => nextTurn().then(() => this.drain()))
      .finally(() => {
        this.draining = undefined;
        if (this.jobs.length > 0) this.wake();
      });
  }

  private async drain(): Promise<void> {
    while (this.jobs.length + this.lazyJobs.length > 0) await this.runGroup();
    clearTimeout(this.lazyTimer);
    this.lazyTimer = undefined;
  }

  private async runGroup(): Promise<void> {
    const done: Outcome[] = [];
    const failed: [Job, unknown][] = [];
    try {
      this.writer.run('BEGIN IMMEDIATE', []);
    } catch (error) {
      return [...this.jobs.splice(0), ...this.lazyJobs.splice(0)].forEach(({ reject }) => reject(error));
    }
    try {
      for (let job = await this.next(false); job; job = await this.next(done.length + failed.length >= GROUP)) {
        await this.runOne(job, done, failed);
      }
      this.writer.run('COMMIT', []);
      this.stats.commits++;
    } catch (error) {
      this.abandon();
      for (const { job } of done) job.reject(error);
      for (const [job, why] of failed) job.reject(why);
      return;
    }
    for (const { job, body } of done) for (const hook of body.afterCommit) job.inContext(hook);
    for (const { job, value } of done) job.resolve(value);
    for (const [job, why] of failed) job.reject(why);
  }

  /** The next transaction of the group; when nobody waits, one turn of the event loop is left for a peer to come. */
  private async next(full: boolean): Promise<Job | undefined> {
    if (full) return undefined;
    if (this.jobs.length === 0 && this.lazyJobs.length === 0) await nextTurn();
    return this.jobs.shift() ?? this.lazyJobs.shift();
  }

  private async runOne(job: Job, done: Outcome[], failed: [Job, unknown][]): Promise<void> {
    const body = job.begin();
    const startedAt = performance.now();
    this.stats.transactions++;
    this.writer.run('SAVEPOINT body', []);
    try {
      const value = await job.inContext(() => bodies.run(body, job.work));
      this.writer.run('RELEASE body', []);
      done.push({ job, body, value });
    } catch (error) {
      // Should this fail too, the group's transaction is broken and nobody in it may be told of success.
      this.writer.run('ROLLBACK TO body', []);
      this.writer.run('RELEASE body', []);
      this.stats.rollbacks++;
      failed.push([job, error]);
    } finally {
      body.over = true;
      this.stats.longestBodyMs = Math.max(this.stats.longestBodyMs, performance.now() - startedAt);
    }
  }

  private abandon(): void {
    try {
      this.writer.run('ROLLBACK', []);
    } catch {
      // the failed commit has rolled back by itself
    }
  }
}
