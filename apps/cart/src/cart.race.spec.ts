import { InventoryApi, orderCreated, ProductApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { Cart, CartItem } from './cart.entity.js';
import { CartModule } from './cart.module.js';
import { guest } from './cart.owner.js';
import { CartService } from './cart.service.js';
import { LineService } from './line.service.js';
import { TestMarket } from './market.fixture.js';
import { RetentionService } from './retention.service.js';

/** What happens to one cart at the same moment, at two copies of the service. */
describe('a cart that several write at once', () => {
  const shop = new TestMarket();
  let copies: [Harness, Harness];
  let t: Harness;
  let turn = 0;
  let customerId: string;

  beforeAll(async () => {
    const options = { fakes: [fake(ProductApi, shop.products), fake(InventoryApi, shop.inventory)] };
    t = await domainHarness(CartModule, options);
    copies = [t, await domainHarness(CartModule, { ...options, beside: t })];
  });
  afterAll(async () => {
    for (const copy of copies.toReversed()) await copy.close();
  });
  beforeEach(() => {
    customerId = newId();
  });

  /** One copy and the other, in turn. */
  const copy = () => copies[turn++ % 2]!;
  const carts = () => copy().get(CartService);
  const lines = () => copy().get(LineService);
  const put = (productId: string, quantity: number) => lines().put({ customerId }, productId, quantity);
  const quantities = async () =>
    Object.fromEntries((await lines().show({ customerId })).items.map((item) => [item.productId, item.quantity]));
  const guestWith = async (productId: string, quantity: number) =>
    (await lines().put({}, productId, quantity)).guestToken!;

  it('is made once, and nobody has to begin again for that', async () => {
    const undone = () => copies.map(({ database }) => database.stats().rollbacks);
    const before = undone();
    for (let round = 0; round < 5; round++) {
      customerId = newId();
      const products = Array.from({ length: 12 }, () => shop.sell(100));
      await Promise.all(products.map((id) => put(id, 1)));
      expect(Object.keys(await quantities())).toHaveLength(12);
      expect(await t.database.manager.countBy(Cart, { customerId })).toBe(1);
    }
    expect(undone()).toEqual(before);
  });

  it('takes no more lines than it holds', async () => {
    const ids = Array.from({ length: 110 }, () => shop.sell(1));
    const results = await Promise.allSettled(ids.map((id) => put(id, 1)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(Object.keys(await quantities())).toHaveLength(100);
  });

  it('gets every piece of the guests who move in, though the calls are doubled', async () => {
    const milk = shop.sell(100);
    const tokens = await Promise.all([1, 2, 3, 4].map((quantity) => guestWith(milk, quantity)));
    const merges = [...tokens, ...tokens].map((guestToken) => carts().merge({ guestToken, customerId }));
    const merged = (await Promise.all([...merges, put(shop.sell(5), 1)])).filter(
      (one) => 'merged' in one && one.merged,
    );
    expect(merged).toHaveLength(4);
    expect((await quantities())[milk]).toBe(10);
  });

  it('is checked out once, by the call and the event together, and keeps what is put in meanwhile', async () => {
    for (let round = 0; round < 8; round++) {
      customerId = newId();
      const [milk, eggs] = [shop.sell(100), shop.sell(200)];
      await put(milk, 3);
      const { cartId, generation } = await carts().quote({ customerId, storeId: shop.nearby });
      const order = { orderId: newId(), cartId, generation };
      const items = [{ productId: milk, quantity: 3 }];
      const money = { total: 1, currency: 'INR', paymentMethod: 'cod' as const };
      const line = { ...items[0]!, name: 'Milk', unitPrice: 1, lineTotal: 3 };
      await Promise.all([
        carts().checkout({ ...order, items }),
        carts().checkout({ ...order, items }),
        copy().deliver(orderCreated({ ...order, ...money, number: '1', customerId, storeId: newId(), items: [line] })),
        put(eggs, 2),
      ]);
      expect(await quantities()).toEqual({ [eggs]: 2 });
      const cart = await t.database.manager.findOneByOrFail(Cart, { customerId });
      expect(cart.generation).toBe(generation + 1);
    }
  });

  it('of a guest is not swept away while they come back: it is there as a whole, or not at all', async () => {
    const milk = shop.sell(100);
    for (let round = 0; round < 8; round++) {
      const owner = guest(await guestWith(milk, 1));
      const { id } = await lines().show(owner);
      await t.database.manager.update(Cart, { id }, { updatedAt: '2026-01-01T00:00:00.000Z' });
      const sweep = () => copy().get(RetentionService).sweep();
      const [, back] = await Promise.allSettled([sweep(), lines().put(owner, milk, 7), sweep()]);
      const kept = await t.database.manager.findBy(CartItem, { cartId: id });
      expect(kept.map(({ quantity }) => quantity)).toEqual(back.status === 'fulfilled' ? [7] : []);
      expect(await t.database.manager.existsBy(Cart, { id })).toBe(back.status === 'fulfilled');
    }
  });
});
