import { setTimeout as sleep } from 'node:timers/promises';
import { Periodic } from './periodic.js';

describe('periodic work', () => {
  let periodic: Periodic;
  beforeEach(() => (periodic = new Periodic()));
  afterEach(() => periodic.beforeApplicationShutdown());

  it('runs again and again, also after it has failed', async () => {
    let runs = 0;
    periodic.every(5, 'test', async () => {
      if (++runs === 1) throw new Error('once');
    });
    await sleep(100);
    expect(runs).toBeGreaterThan(2);
  });

  it('never runs twice at once', async () => {
    let running = 0;
    let most = 0;
    periodic.every(1, 'test', async () => {
      most = Math.max(most, ++running);
      await sleep(15);
      running--;
    });
    await sleep(100);
    expect(most).toBe(1);
  });

  it('is over when the stop has returned: the run under way is waited for, and none follows', async () => {
    let ended = 0;
    periodic.every(1, 'test', async () => {
      await sleep(30);
      ended++;
    });
    await sleep(10);
    await periodic.beforeApplicationShutdown();
    const atStop = ended;
    await sleep(60);
    expect([atStop, ended]).toEqual([1, 1]);
  });
});
