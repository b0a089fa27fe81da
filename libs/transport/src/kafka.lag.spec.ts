import { Metrics } from '@nakku/observability';
import { KafkaLag } from './kafka.lag.js';

describe('the lag of listening domains', () => {
  let metrics: Metrics;
  let lagOf: jest.Mock<Promise<Map<string, number>>, [string, readonly string[]]>;
  const cart = { domain: 'cart', topics: ['order-events'] };
  const measure = (audiences = [cart]) =>
    new KafkaLag({ lagOf, groupOf: (domain) => `nakku-${domain}` }, () => audiences, metrics);
  const shown = async () => /^nakku_consumer_lag\{.*$/m.exec(await metrics.render())?.[0];

  beforeEach(() => {
    metrics = new Metrics();
    lagOf = jest.fn(async (_group: string, _topics: readonly string[]) => new Map([['order-events', 7]]));
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('is told for each domain and topic', async () => {
    measure();
    expect(await shown()).toBe('nakku_consumer_lag{domain="cart",topic="order-events"} 7');
    expect(lagOf).toHaveBeenCalledWith('nakku-cart', ['order-events']);
  });

  it('is asked for every ten seconds at most, however often somebody scrapes', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    measure();
    await Promise.all([metrics.render(), metrics.render()]);
    clock.mockReturnValue(9999);
    await metrics.render();
    expect(lagOf).toHaveBeenCalledTimes(1);
    clock.mockReturnValue(10_000);
    await metrics.render();
    expect(lagOf).toHaveBeenCalledTimes(2);
  });

  it('stays as it was while no broker answers, and fails no scrape', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(0);
    measure();
    await metrics.render();
    lagOf.mockRejectedValue(new Error('no broker'));
    clock.mockReturnValue(20_000);
    expect(await shown()).toContain(' 7');
  });

  it('keeps a scrape waiting for a second at most', async () => {
    jest.useFakeTimers();
    lagOf.mockReturnValue(new Promise(() => undefined));
    measure();
    const answered = jest.fn();
    const scrape = metrics.render().then(answered);
    await jest.advanceTimersByTimeAsync(999);
    expect(answered).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(answered).toHaveBeenCalledWith(expect.not.stringContaining('nakku_consumer_lag{'));
    await scrape;
  });
});
