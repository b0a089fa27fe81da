import type { Metrics } from '@nakku/observability';
import type { KafkaClient } from './kafka.client.js';

/** A scraper that asks more often than this gets the figures of the last look. */
const FRESH_MS = 10_000;
/** A scrape does not wait longer than this for brokers that do not answer. */
const PATIENCE_MS = 1000;

/** A listening domain, and the topics that it hears. */
export interface Audience {
  domain: string;
  topics: readonly string[];
}

/** How many messages each listening domain has not handled yet, as the brokers count them. */
export class KafkaLag {
  private readonly gauge;
  private looking?: Promise<void>;
  private lookedAt = -Infinity;

  constructor(
    private readonly client: Pick<KafkaClient, 'lagOf' | 'groupOf'>,
    private readonly audiences: () => readonly Audience[],
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge('nakku_consumer_lag', 'Events of a topic that a listening domain has not handled yet', [
      'domain',
      'topic',
    ]);
    metrics.beforeRender(() => this.refresh());
  }

  /** Never throws: while no broker answers, the last figures stay. */
  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= FRESH_MS)
      this.looking ??= this.look()
        .catch(() => undefined)
        .finally(() => {
          this.lookedAt = performance.now();
          this.looking = undefined;
        });
    if (this.looking) await Promise.race([this.looking, patience()]);
  }

  private async look(): Promise<void> {
    for (const { domain, topics } of this.audiences()) {
      const lags = await this.client.lagOf(this.client.groupOf(domain), topics);
      for (const [topic, lag] of lags) this.gauge.set({ domain, topic }, lag);
    }
  }
}

const patience = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
