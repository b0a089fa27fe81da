import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Loose } from '@nakku/testing';
import { Shop } from '../flows/shop.js';
import type { Deployment } from '../processes/deployment.js';

const V1 = '/api/v1';
const PAUSE_MS = 100;
/** Longer than any outage of these tests. */
const PATIENCE_MS = 120_000;
/**
 * How long a customer takes for an order where every process shares two cores: four of them then order two a second. What an outage leaves is
 * caught up with in a minute by a machine that is busy with other tests, too; how fast an idle one is belongs into the bench.
 */
export const UNHURRIED_MS = 2000;
const METHODS = [
  { paymentMethod: 'cod' },
  { paymentMethod: 'card', paymentToken: 'tok_ok' },
  { paymentMethod: 'upi', paymentToken: 'tok_flaky' },
  { paymentMethod: 'card', paymentToken: 'tok_declined' },
];

/** An order that the server has said yes to. */
export interface Acknowledged {
  id: string;
  token: string;
  total: number;
}

type Customer = Pick<Awaited<ReturnType<Shop['customer']>>, 'token' | 'addressId'>;

/** Customers who fill their carts and order, one after the other, until they are told to stop. */
export class OrderStream {
  readonly shop: Shop;
  readonly acknowledged: Acknowledged[] = [];
  /** What a client should never see: an answer of 500 or more that is not a 503 which says when to come back. */
  readonly wrong: string[] = [];
  /** Why no connection was to be had, or it broke, each time. */
  readonly broken: string[] = [];
  private stopped = false;
  private shoppers?: Promise<unknown>;

  constructor(
    private readonly nakku: Deployment,
    private readonly productIds: readonly string[],
  ) {
    this.shop = new Shop(nakku.http);
  }

  /**
   * Resolves when every customer is known and about to order: what happens to the server afterwards happens to orders. `eachMs`: how long a customer
   * takes for an order, at least. Several that take no time order more than a small machine can carry through.
   */
  async start(clients: number, eachMs = 0): Promise<this> {
    const customers = await Promise.all(Array.from({ length: clients }, () => this.shop.customer()));
    this.shoppers = Promise.all(customers.map((customer, number) => this.shopper(customer, number, eachMs)));
    this.shoppers.catch(() => undefined); // told by stop()
    return this;
  }

  /** Lets everybody finish the order they are at; throws what one of them could not make sense of. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.shoppers;
  }

  /** Resolves when so many more orders were acknowledged. */
  async more(orders: number): Promise<void> {
    const enough = this.acknowledged.length + orders;
    while (this.acknowledged.length < enough && !this.stopped) {
      await Promise.race([sleep(50), this.shoppers]);
    }
  }

  private async shopper({ token, addressId }: Customer, number: number, eachMs: number): Promise<void> {
    for (let round = number; !this.stopped; round++) {
      const taken = sleep(eachMs);
      const productId = this.productIds[round % this.productIds.length]!;
      const filled = await this.insist(() =>
        this.nakku.http.put(`${V1}/cart/items/${productId}`, { as: token, body: { quantity: 2 } }),
      );
      if (filled.status !== 200) throw new Error(`cart: ${JSON.stringify(filled.body)}`);
      await this.order(token, { addressId, ...METHODS[round % METHODS.length] });
      await taken;
    }
  }

  private async order(token: string, body: Record<string, unknown>): Promise<void> {
    const key = randomUUID();
    const { status, body: answer } = await this.insist(() => this.shop.place(token, body, key));
    if (status === 201) this.acknowledged.push({ id: answer.id, token, total: answer.total });
    else if (!['CART_EMPTY', 'CART_CHANGED', 'OUT_OF_STOCK'].includes(answer.code))
      throw new Error(JSON.stringify(answer));
  }

  /** Asks until there is an answer: what a client has to do, whose server is away for a moment. */
  private async insist(ask: () => Promise<Answer>): Promise<Answer> {
    for (const until = Date.now() + PATIENCE_MS; ;) {
      if (Date.now() > until)
        throw new Error(`no answer for ${PATIENCE_MS / 1000} s: ${this.wrong.at(-1) ?? 'nobody there'}`);
      const answer = await ask().catch((error: Error) => {
        this.broken.push(reasonOf(error));
        return undefined;
      });
      if (answer && answer.status < 500 && (answer.body as Loose)?.code !== 'IDEMPOTENCY_KEY_IN_PROGRESS')
        return answer;
      if (answer) this.note(answer);
      await sleep(PAUSE_MS);
    }
  }

  private note(answer: Answer): void {
    if (answer.status >= 500 && !(answer.status === 503 && answer.headers['retry-after']))
      this.wrong.push(`${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** What `fetch` says, and what it does not say by itself: why. */
const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${(cause as NodeJS.ErrnoException).code ?? cause.message}` : message;
