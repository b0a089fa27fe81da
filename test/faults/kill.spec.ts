import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, eventually, type Loose } from '@nakku/testing';
import { must, Shop } from '../flows/shop.js';
import { freePort, Server } from './server.js';

const V1 = '/api/v1';
const KILLS = 5;
const CLIENTS = 6;
const METHODS = [
  { paymentMethod: 'cod' },
  { paymentMethod: 'card', paymentToken: 'tok_ok' },
  { paymentMethod: 'upi', paymentToken: 'tok_flaky' },
  { paymentMethod: 'card', paymentToken: 'tok_declined' },
];

jest.setTimeout(240_000);

describe('a stream of orders during which the server is killed five times', () => {
  let dataDir: string;
  let server: Server;
  let shop: Shop;
  const acknowledged: { id: string; token: string; total: number }[] = [];

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-kill-'));
    server = new Server(await freePort(), { DATA_DIR: dataDir });
    await server.start();
    shop = new Shop(server.http);
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Asks until there is an answer: what a client has to do, whose server dies under it. */
  async function insist(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const answer = await ask().catch(() => undefined);
      if (answer && answer.status < 500 && answer.body?.code !== 'IDEMPOTENCY_KEY_IN_PROGRESS') return answer;
      await sleep(100);
    }
  }

  async function shopper(number: number, stopped: () => boolean, productIds: string[]): Promise<void> {
    const { token, addressId } = await shop.customer();
    for (let round = 0; !stopped(); round++) {
      const productId = productIds[(number + round) % productIds.length]!;
      const filled = await insist(() =>
        server.http.put(`${V1}/cart/items/${productId}`, { as: token, body: { quantity: 2 } }),
      );
      if (filled.status !== 200) throw new Error(`cart: ${JSON.stringify(filled.body)}`);
      const key = randomUUID();
      const body = { addressId, ...METHODS[(number + round) % METHODS.length] };
      const answer = await insist(() => shop.place(token, body, key));
      if (answer.status === 201) acknowledged.push({ id: answer.body.id, token, total: answer.body.total });
      else if (!['CART_EMPTY', 'CART_CHANGED', 'OUT_OF_STOCK'].includes(answer.body.code))
        throw new Error(JSON.stringify(answer.body));
    }
  }

  it('loses no order, sells nothing twice, charges nobody twice and tells everybody once', async () => {
    const productIds = (await shop.products(8)).map(({ id }: Loose) => id as string);
    const staff = await shop.staff();
    const storeId = await shop.koramangala();
    const before = await Promise.all(productIds.map((id) => shop.stock(staff, storeId, id)));

    let stopped = false;
    const shoppers = Promise.all(
      Array.from({ length: CLIENTS }, (_, number) => shopper(number, () => stopped, productIds)),
    );
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(600 + Math.random() * 900);
      await server.end('SIGKILL');
      await server.start();
    }
    await sleep(500);
    stopped = true;
    await shoppers;

    // every acknowledged order is there, once, and comes to an end of its saga
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length);
    const orders = await Promise.all(
      acknowledged.map(({ id, token }) =>
        eventually(
          `order ${id} leaving pending`,
          async () => {
            const order = await shop.order(token, id);
            return order.status !== 'pending' && { ...order, token };
          },
          60_000,
        ),
      ),
    );
    const confirmed = orders.filter(({ status }: Loose) => status === 'confirmed');
    expect(orders.every(({ status }: Loose) => ['confirmed', 'cancelled'].includes(status))).toBe(true);
    const tokens = [...new Set(acknowledged.map(({ token }) => token))];
    for (const token of tokens) {
      const listed = must(await server.http.get(`${V1}/orders?limit=100`, { as: token }), 200).items;
      expect(listed.map(({ id }: Loose) => id).sort()).toEqual(
        acknowledged
          .filter((one) => one.token === token)
          .map(({ id }) => id)
          .sort(),
      );
    }

    // nothing moves any more
    const admin = await shop.admin();
    await eventually(
      'empty outboxes',
      async () => {
        const { items } = must(await server.http.get(`${V1}/admin/outbox`, { as: admin }), 200);
        return items.every(({ pending }: Loose) => pending === 0);
      },
      60_000,
    );
    expect(must(await server.http.get(`${V1}/admin/dead-letters`, { as: admin }), 200).items).toEqual([]);

    // stock: reserved is what the confirmed orders hold, and the movements sum to it
    for (const [i, productId] of productIds.entries()) {
      const held = confirmed.flatMap(({ items }: Loose) => items).filter((line: Loose) => line.productId === productId);
      const reserved = held.reduce((sum: number, line: Loose) => sum + line.quantity, 0);
      const stock = await shop.stock(staff, storeId, productId);
      expect(stock).toMatchObject({ onHand: before[i].onHand, reserved: before[i].reserved + reserved });
      const movements = await all(`${V1}/inventory/movements?storeId=${storeId}&productId=${productId}`, staff);
      expect(movements.reduce((sum, { reservedDelta }) => sum + reservedDelta, 0)).toBe(stock.reserved);
      expect(movements.reduce((sum, { onHandDelta }) => sum + onHandDelta, 0)).toBe(stock.onHand);
    }

    // money: one payment an order, of its amount; the ledger sums to zero
    for (const { id, token, total, status, paymentMethod } of orders) {
      const { items: payments } = must(await server.http.get(`${V1}/payments?orderId=${id}`, { as: token }), 200);
      expect(payments).toHaveLength(1);
      const expected =
        status === 'cancelled' ? ['failed', 'voided'] : [paymentMethod === 'cod' ? 'recorded' : 'authorised'];
      await eventually('the settled payment', async () => expected.includes((await shop.paymentOf(token, id)).status));
      expect(payments[0].amount).toBe(total);
    }
    const ledger = await all(`${V1}/payments/ledger`, admin);
    expect(ledger.reduce((sum, { direction, amount }) => sum + (direction === 'debit' ? amount : -amount), 0)).toBe(0);

    // people: told once that the order is confirmed
    for (const token of tokens) {
      const notifications = await all(`${V1}/notifications`, token);
      const told = notifications
        .filter(({ type }) => type === 'order.confirmed')
        .map(({ orderId }) => orderId as string);
      const mine = confirmed.filter((order: Loose) => order.token === token).map(({ id }: Loose) => id as string);
      expect(told.sort()).toEqual(mine.sort());
    }
  });

  it('stops on SIGTERM within its grace, and has everything when it is back', async () => {
    expect(await server.end('SIGTERM')).toBe(0);
    await server.start();
    const { id, token } = acknowledged[0]!;
    expect((await shop.order(token, id)).id).toBe(id);
  });

  /** Every row of a list. */
  async function all(path: string, as: string): Promise<Loose[]> {
    const rows: Loose[] = [];
    for (let cursor = ''; ;) {
      const join = path.includes('?') ? '&' : '?';
      const page = must(await server.http.get(`${path}${join}limit=100${cursor}`, { as }), 200);
      rows.push(...page.items);
      if (!page.nextCursor) return rows;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }
});
