import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** In seconds: from one millisecond (an in-process read) to ten seconds (a request about to be given up). */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** CPU, memory and event-loop lag belong to the process, so several applications in one process share them. */
let processRegistry: Registry | undefined;

/** The application's metrics. Asking for a name again gives the same metric; asking for it as another kind throws. */
export class Metrics {
  /** The prom-client registry of this application. */
  readonly registry = new Registry();
  private readonly refreshers: (() => Promise<void> | void)[] = [];

  /** A number that only grows. */
  counter<L extends string = string>(name: string, help: string, labels: readonly L[] = []): Counter<L> {
    const create = () => new Counter<L>({ name, help, labelNames: labels, registers: [this.registry] });
    return this.once(name, Counter<L>, create);
  }

  /** A number that goes up and down. */
  gauge<L extends string = string>(name: string, help: string, labels: readonly L[] = []): Gauge<L> {
    const create = () => new Gauge<L>({ name, help, labelNames: labels, registers: [this.registry] });
    return this.once(name, Gauge<L>, create);
  }

  /** A distribution; `buckets` are upper bounds in ascending order, by default durations in seconds from 0.001 to 10. */
  histogram<L extends string = string>(
    name: string,
    help: string,
    labels: readonly L[] = [],
    buckets: readonly number[] = DURATION_BUCKETS,
  ): Histogram<L> {
    const options = { name, help, labelNames: labels, buckets: [...buckets], registers: [this.registry] };
    return this.once(name, Histogram<L>, () => new Histogram<L>(options));
  }

  /** Runs `work` before each scrape: for figures that are read off something rather than counted along the way. */
  beforeRender(work: () => Promise<void> | void): void {
    this.refreshers.push(work);
  }

  /** Everything in the Prometheus text format, with the metrics of the process. A figure that cannot be refreshed keeps its last value. */
  async render(): Promise<string> {
    await Promise.allSettled(this.refreshers.map(async (refresh) => refresh()));
    const parts = await Promise.all([processMetrics().metrics(), this.registry.metrics()]);
    return parts.join('\n');
  }

  private once<M>(name: string, kind: new (...args: never[]) => M, create: () => M): M {
    const known: unknown = this.registry.getSingleMetric(name);
    if (known === undefined) return create();
    if (known instanceof kind) return known;
    throw new Error(`The metric ${name} exists as another kind than ${kind.name}`);
  }
}

function processMetrics(): Registry {
  if (!processRegistry) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
  }
  return processRegistry;
}
