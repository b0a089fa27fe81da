import type { Deployment } from '../processes/deployment.js';
import { IMPATIENT, whatCanGoWrong } from './failures.js';
import { aWholeOrder } from './whole-order.js';

/** The flow suite: one body for every way to deploy. `start` is given the variables that the suite needs. */
export function flows(name: string, start: (env: Record<string, string>) => Promise<Deployment>): void {
  describe(name, () => {
    let nakku: Deployment;

    beforeAll(async () => (nakku = await start(IMPATIENT)), 180_000);
    afterAll(() => nakku?.stop(), 60_000);

    describe('a whole order', () => aWholeOrder(() => nakku));
    describe('what can go wrong with an order', () => whatCanGoWrong(() => nakku));
  });
}
