import { eventually, type Loose } from '@nakku/testing';
import { must, Shop } from '../flows/shop.js';
import type { Deployment } from '../processes/deployment.js';
import type { Acknowledged } from './stream.js';

const V1 = '/api/v1';
const HEALED_MS = 60_000;
/** More of each product than a stream of orders takes. */
const PLENTY = 5000;

/** What the store, the till and the customers must agree on, whatever happened meanwhile. */
export class Books {
  private constructor(
    private readonly nakku: Deployment,
    private readonly shop: Shop,
    readonly productIds: readonly string[],
    private readonly staff: string,
    private readonly storeId: string,
    private readonly before: readonly Loose[],
  ) {}

  /** Opens the books on some products, before anything is sold. */
  static async open(nakku: Deployment, products = 8): Promise<Books> {
    const shop = new Shop(nakku.http);
    const productIds = (await shop.products(products)).map(({ id }: Loose) => id as string);
    const staff = await shop.staff();
    const storeId = await shop.koramangala();
    for (const productId of productIds) await shop.stockUp(staff, storeId, productId, PLENTY);
    const before = await Promise.all(productIds.map((id) => shop.stock(staff, storeId, id)));
    return new Books(nakku, shop, productIds, staff, storeId, before);
  }

  /** Every acknowledged order is there, once, and its saga has come to an end; nothing was sold, charged or told twice. */
  async balance(acknowledged: readonly Acknowledged[]): Promise<void> {
    expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length);
    const orders = await this.settled(acknowledged);
    await this.eachCustomerHasJust(acknowledged);
    await this.nothingMoves();
    const confirmed = orders.filter(({ status }) => status === 'confirmed');
    await this.stockIsHeldFor(confirmed);
    await this.chargedOnce(orders);
    await this.toldOnce(confirmed);
  }

  private async settled(acknowledged: readonly Acknowledged[]): Promise<Loose[]> {
    const orders: Loose[] = [];
    const healed = Date.now() + HEALED_MS;
    for (const { id, token } of acknowledged) {
      const settled = async () => {
        const order = await this.shop.order(token, id);
        return order.status !== 'pending' && { ...order, token };
      };
      orders.push(await eventually(`order ${id} leaving pending`, settled, Math.max(1, healed - Date.now())));
    }
    const unexpected = orders.filter(
      ({ status, cancelReason }) => status !== 'confirmed' && cancelReason !== 'PAYMENT_DECLINED',
    );
    expect(unexpected).toEqual([]);
    return orders;
  }

  private async eachCustomerHasJust(acknowledged: readonly Acknowledged[]): Promise<void> {
    for (const token of new Set(acknowledged.map((one) => one.token))) {
      const listed = await this.all(`${V1}/orders`, token);
      const theirs = acknowledged.filter((one) => one.token === token);
      expect(listed.map(({ id }) => id as string).sort()).toEqual(theirs.map(({ id }) => id).sort());
    }
  }

  private async nothingMoves(): Promise<void> {
    const admin = await this.shop.admin();
    await eventually(
      'empty outboxes',
      async () => {
        const { items } = must(await this.nakku.http.get(`${V1}/admin/outbox`, { as: admin }), 200);
        return items.every(({ pending, reachable }: Loose) => reachable && pending === 0);
      },
      HEALED_MS,
    );
    expect(must(await this.nakku.http.get(`${V1}/admin/dead-letters`, { as: admin }), 200).items).toEqual([]);
  }

  /** Reserved is what the confirmed orders hold, and the movements sum to it. An event may still be on its way to the stock. */
  private async stockIsHeldFor(confirmed: readonly Loose[]): Promise<void> {
    for (const [i, productId] of this.productIds.entries()) {
      const lines = confirmed.flatMap(({ items }) => items).filter((line: Loose) => line.productId === productId);
      const held = lines.reduce((sum: number, line: Loose) => sum + line.quantity, 0);
      const { onHand, reserved } = this.before[i];
      const stock = await eventually(`the stock of ${productId} settling`, async () => {
        const now = await this.shop.stock(this.staff, this.storeId, productId);
        return now.reserved === reserved + held && now;
      });
      expect(stock.onHand).toBe(onHand);
      const movements = await this.all(
        `${V1}/inventory/movements?storeId=${this.storeId}&productId=${productId}`,
        this.staff,
      );
      expect(movements.reduce((sum, { reservedDelta }) => sum + reservedDelta, 0)).toBe(stock.reserved);
      expect(movements.reduce((sum, { onHandDelta }) => sum + onHandDelta, 0)).toBe(stock.onHand);
    }
  }

  /** One payment an order, of its amount; the ledger sums to zero. */
  private async chargedOnce(orders: readonly Loose[]): Promise<void> {
    for (const { id, token, total, status, paymentMethod } of orders) {
      const { items } = must(await this.nakku.http.get(`${V1}/payments?orderId=${id}`, { as: token }), 200);
      expect(items).toHaveLength(1);
      expect(items[0].amount).toBe(total);
      const secured = paymentMethod === 'cod' ? 'recorded' : 'authorised';
      const expected = status === 'cancelled' ? ['failed', 'voided'] : [secured];
      await eventually('the settled payment', async () =>
        expected.includes((await this.shop.paymentOf(token, id)).status),
      );
    }
    const ledger = await this.all(`${V1}/payments/ledger`, await this.shop.admin());
    expect(ledger.reduce((sum, { direction, amount }) => sum + (direction === 'debit' ? amount : -amount), 0)).toBe(0);
  }

  /** Each customer was told once of each order that was confirmed. */
  private async toldOnce(confirmed: readonly Loose[]): Promise<void> {
    for (const token of new Set(confirmed.map((order) => order.token as string))) {
      const mine = confirmed.filter((order) => order.token === token).map(({ id }) => id as string);
      const told = await eventually('the notifications', async () => {
        const notifications = await this.all(`${V1}/notifications`, token);
        const ids = notifications
          .filter(({ type }) => type === 'order.confirmed')
          .map(({ orderId }) => orderId as string);
        return ids.length >= mine.length && ids;
      });
      expect(told.sort()).toEqual(mine.sort());
    }
  }

  /** Every row of a list. */
  private async all(path: string, as: string): Promise<Loose[]> {
    const rows: Loose[] = [];
    for (let cursor = ''; ;) {
      const join = path.includes('?') ? '&' : '?';
      const page = must(await this.nakku.http.get(`${path}${join}limit=100${cursor}`, { as }), 200);
      rows.push(...page.items);
      if (!page.nextCursor) return rows;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }
}
