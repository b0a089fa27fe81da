import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { DOMAIN_NAMES } from '@nakku/contracts';
import { type Answer, startProcess, type TestProcess } from '@nakku/testing';
import { apps } from '../../apps/nakku/src/index.js';
import { Shop } from '../flows/shop.js';
import { freePort } from '../processes/server.js';

const V1 = '/api/v1';
const domains = DOMAIN_NAMES.map((name) => apps[name]);

/** Clients that ask all the time, each one thing after the other, until they are told to stop. */
class Load {
  readonly answers: { what: string; answer: Answer }[] = [];
  private stopped = false;
  private readonly loops: Promise<void>[];

  constructor(steps: Record<string, () => Promise<Answer>>) {
    this.loops = Object.entries(steps).map(async ([what, step]) => {
      while (!this.stopped) {
        const answer = await step();
        this.answers.push({ what, answer });
        if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
  }

  /** Waits until every kind of request was answered well once more. */
  async turn(): Promise<void> {
    const before = this.answers.length;
    const kinds = this.loops.length;
    while (
      new Set(this.answers.slice(before).flatMap(({ what, answer }) => (answer.status < 300 ? [what] : []))).size <
      kinds
    )
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.loops);
  }
}

describe('all services started anew, one after the other, while customers shop', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nakku-restart-'));
  let port: number;
  let services: TestProcess;
  let gateway: TestProcess;

  const start = () =>
    startProcess(domains, { LOG_LEVEL: 'silent', PORT: String(port), DATA_DIR: dataDir, SHUTDOWN_DRAIN_MS: '5000' });

  beforeAll(async () => {
    port = await freePort();
    services = await start();
    const urls = DOMAIN_NAMES.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, services.url]);
    gateway = await startProcess([apps.gateway], { LOG_LEVEL: 'silent', ...Object.fromEntries(urls) });
  });
  afterAll(async () => {
    await gateway?.stop();
    await services?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('gives every client an answer: a good one, or 503 with Retry-After; and no order is lost', async () => {
    const shop = new Shop(gateway.http);
    const [{ token }, buyer] = await Promise.all([shop.customer(), shop.customer()]);
    const [product] = await shop.products(1);
    const placed: string[] = [];
    const order = async (): Promise<Answer> => {
      const put = await gateway.http.put(`${V1}/cart/items/${product.id}`, { as: buyer.token, body: { quantity: 1 } });
      if (put.status !== 200) return put;
      const answer = await gateway.http.post(`${V1}/orders`, {
        as: buyer.token,
        body: { addressId: buyer.addressId, paymentMethod: 'cod' },
        headers: { 'idempotency-key': randomUUID() },
      });
      if (answer.status === 201) placed.push(answer.body.id);
      return answer;
    };
    const address = { label: 'Home', line1: '1', city: 'Bengaluru', state: 'KA', postalCode: '560034', country: 'IN' };
    const load = new Load({
      browse: () => gateway.http.get(`${V1}/products?limit=3`),
      profile: () => gateway.http.get(`${V1}/users/profile`, { as: token }),
      address: () => gateway.http.post(`${V1}/users/addresses`, { as: token, body: address }),
      rename: () => gateway.http.patch(`${V1}/users/profile`, { as: token, body: { firstName: 'Asha' } }),
      order,
    });
    for (let i = 0; i < 2; i++) {
      await load.turn();
      await services.stop();
      services = await start();
    }
    await load.turn();
    await load.stop();

    const failed = load.answers.filter(({ answer: { status } }) => status >= 300);
    const unexpected = failed.filter(({ answer: { status, headers } }) => status !== 503 || !headers['retry-after']);
    expect(unexpected).toEqual([]);
    for (const id of placed) expect((await shop.order(buyer.token, id)).id).toBe(id);
    expect(placed.length).toBeGreaterThan(0);
  });
});
