import { Metrics } from './metrics.js';

describe('Metrics', () => {
  it('gives the same metric when asked twice for a name', () => {
    const metrics = new Metrics();

    expect(metrics.counter('a_total', 'A')).toBe(metrics.counter('a_total', 'A'));
    expect(metrics.gauge('b', 'B')).toBe(metrics.gauge('b', 'B'));
    expect(metrics.histogram('c', 'C')).toBe(metrics.histogram('c', 'C'));
  });

  it('refuses a name that exists as another kind', () => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'A');

    expect(() => metrics.gauge('a_total', 'A')).toThrow('The metric a_total exists as another kind than Gauge');
  });

  it('keeps the metrics of two applications apart', async () => {
    const [one, two] = [new Metrics(), new Metrics()];
    one.counter('a_total', 'A').inc(3);
    two.counter('a_total', 'A').inc(4);

    expect(await one.render()).toContain('\na_total 3\n');
    expect(await two.render()).toContain('\na_total 4\n');
  });

  it('renders labels and buckets of its own', async () => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'A', ['kind']).inc({ kind: 'x' });
    metrics.histogram('b', 'B', [], [1, 2]).observe(1.5);

    const text = await metrics.render();
    expect(text).toContain('a_total{kind="x"} 1');
    expect(text).toContain('b_bucket{le="1"} 0');
    expect(text).toContain('b_bucket{le="2"} 1');
  });

  it('renders the metrics of the process once, with the event-loop lag', async () => {
    const [one, two] = [new Metrics(), new Metrics()];

    for (const text of [await one.render(), await two.render()]) {
      expect(text.match(/# TYPE process_cpu_seconds_total counter/g)).toHaveLength(1);
      expect(text).toContain('nodejs_eventloop_lag_seconds ');
    }
  });
});
