import { InventoryApi, orderCreated, ProductApi, userDeleted } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { Cart, CartItem } from './cart.entity.js';
import { CartModule } from './cart.module.js';
import { CartService } from './cart.service.js';
import { guest } from './cart.owner.js';
import { newCoupon } from './coupon.service.js';
import { CouponRepository } from './coupon.repository.js';
import { CouponService } from './coupon.service.js';
import { LineService } from './line.service.js';
import { TestMarket } from './market.fixture.js';
import { RetentionService } from './retention.service.js';

describe('the cart as other domains use it', () => {
  const shop = new TestMarket();
  let t: Harness;
  let carts: CartService;
  let lines: LineService;
  let customerId: string;

  beforeAll(async () => {
    t = await domainHarness(CartModule, {
      fakes: [fake(ProductApi, shop.products), fake(InventoryApi, shop.inventory)],
    });
    carts = t.get(CartService);
    lines = t.get(LineService);
  });
  afterAll(() => t.close());
  beforeEach(() => {
    customerId = newId();
  });

  const quote = (storeId = shop.nearby) => carts.quote({ customerId, storeId });
  const put = (productId: string, quantity: number) => lines.put({ customerId }, productId, quantity);
  const quantities = async (id = customerId) =>
    Object.fromEntries(
      (await lines.show({ customerId: id })).items.map(({ productId, quantity }) => [productId, quantity]),
    );
  const coupon = async (code: string, terms: object = {}) =>
    t.get(CouponRepository).add([newCoupon({ code, kind: 'fixed', value: 1000, ...terms })]);
  const event = (type: string, key: string) =>
    t.published(type).then((all) => all.filter(({ cartId }) => cartId === key));

  describe('a quote', () => {
    it('prices the cart and tells what the store has', async () => {
      const milk = shop.sell(3000, 2);
      await put(milk, 2);

      expect(await quote()).toEqual({
        cartId: expect.any(String),
        generation: 0,
        items: [{ productId: milk, name: 'Milk', quantity: 2, unitPrice: 3000, lineTotal: 6000, available: true }],
        subtotal: 6000,
        discount: 0,
        deliveryFee: 2500,
        tax: 300,
        total: 8800,
        currency: 'INR',
      });
      expect((await quote(newId())).items[0]).toMatchObject({ available: false });
    });

    it('is refused for an empty cart, or none', async () => {
      await expect(quote()).rejects.toMatchObject({ status: 422, code: 'CART_EMPTY' });
      await put(shop.sell(1), 1);
      await lines.clear({ customerId });
      await expect(quote()).rejects.toMatchObject({ status: 422, code: 'CART_EMPTY' });
    });

    it('is refused while a product of the cart is gone, and names it', async () => {
      const milk = shop.sell(3000);
      await put(milk, 2);
      shop.change(milk, { active: false });

      await expect(quote()).rejects.toMatchObject({
        status: 422,
        code: 'PRODUCT_GONE',
        options: { extra: { productIds: [milk] } },
      });
    });

    it('is refused when it is more than an order can hold, and works up to there', async () => {
      const gold = shop.sell(20_000_000_000, 50);
      await put(gold, 45);
      expect((await quote()).items[0]).toMatchObject({ unitPrice: 20_000_000_000, lineTotal: 900_000_000_000 });
      await put(gold, 50);
      await expect(quote()).rejects.toMatchObject({ status: 422, code: 'ORDER_TOO_LARGE' });
    });

    it('has the coupon only while it gives something, and is refused when it has run out since', async () => {
      await coupon('QUOTED', { minTotal: 5000, totalUses: 1 });
      const milk = shop.sell(3000);
      await put(milk, 2);
      await t.get(CouponService).apply(customerId, 'quoted');

      expect(await quote()).toMatchObject({ couponCode: 'QUOTED', discount: 1000 });
      await put(milk, 1);
      expect(await quote()).not.toHaveProperty('couponCode');
      await put(milk, 2);
      await carts.redeemCoupon({ code: 'QUOTED', customerId: newId(), orderId: newId() });
      await expect(quote()).rejects.toMatchObject({ status: 422, code: 'COUPON_INVALID' });
    });
  });

  describe('a checkout', () => {
    const checkout = (cartId: string, generation: number, items: object, orderId = newId()) =>
      carts.checkout({
        cartId,
        generation,
        orderId,
        items: Object.entries(items).map(([productId, quantity]) => ({ productId, quantity })),
      });

    it('takes out what was ordered, leaves what came meanwhile, and starts the next generation', async () => {
      const [milk, eggs, tea] = [shop.sell(10), shop.sell(20), shop.sell(30)];
      await put(milk, 2);
      await put(eggs, 1);
      const { cartId, generation } = await quote();
      await put(milk, 5);
      await put(tea, 1);
      await checkout(cartId, generation, { [milk]: 2, [eggs]: 1 });

      expect(await quantities()).toEqual({ [milk]: 3, [tea]: 1 });
      expect((await quote()).generation).toBe(generation + 1);
      expect((await event('cart.updated', cartId)).at(-1)).toEqual({ cartId, customerId, lines: 2 });
    });

    it('empties a cart that has not changed, takes the coupon off and says for which order', async () => {
      await coupon('EMPTIED');
      const milk = shop.sell(10);
      await put(milk, 2);
      await t.get(CouponService).apply(customerId, 'EMPTIED');
      const { cartId, generation } = await quote();
      const orderId = newId();
      await checkout(cartId, generation, { [milk]: 2 }, orderId);

      expect(await lines.show({ customerId })).toMatchObject({ id: cartId, items: [], notices: [] });
      expect(await lines.show({ customerId })).not.toHaveProperty('couponCode');
      expect(await event('cart.cleared', cartId)).toEqual([{ cartId, customerId, orderId }]);
    });

    it('of one order counts once, however often and however late it comes', async () => {
      const milk = shop.sell(10);
      await put(milk, 2);
      const { cartId, generation } = await quote();
      const orderId = newId();
      await Promise.all([1, 2, 3].map(() => checkout(cartId, generation, { [milk]: 2 }, orderId)));
      await put(milk, 2);
      await checkout(cartId, generation, { [milk]: 2 }, orderId);

      expect(await quantities()).toEqual({ [milk]: 2 });
    });

    it('is made up for by the order’s event when the call was lost, and only then', async () => {
      const milk = shop.sell(10);
      await put(milk, 3);
      const { cartId, generation, items, total, currency } = await quote();
      const orderId = newId();
      const ids = { orderId, number: '1', customerId, storeId: shop.nearby, cartId, generation };
      const created = orderCreated({ ...ids, items, total, currency, paymentMethod: 'cod' });
      await t.deliver(created);
      expect(await quantities()).toEqual({});

      await put(milk, 1);
      await t.deliver(created);
      await checkout(cartId, generation, { [milk]: 3 }, orderId);
      expect(await quantities()).toEqual({ [milk]: 1 });
    });

    it('of a second order of the same generation is refused', async () => {
      const milk = shop.sell(10);
      await put(milk, 2);
      const { cartId, generation } = await quote();
      const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => checkout(cartId, generation, { [milk]: 1 })));

      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await quantities()).toEqual({ [milk]: 1 });
      await expect(checkout(cartId, generation, { [milk]: 1 })).rejects.toMatchObject({
        status: 409,
        code: 'CART_CHANGED',
      });
    });

    it('of a cart that is gone is nothing to worry about', async () => {
      await expect(checkout(newId(), 0, { [newId()]: 1 })).resolves.toEqual({});
    });
  });

  describe('a merge', () => {
    const guestCart = async (...products: [string, number][]) => {
      const [[first, quantity], ...rest] = products as [[string, number], ...[string, number][]];
      const token = (await lines.put({}, first, quantity)).guestToken!;
      for (const [id, count] of rest) await lines.put(guest(token), id, count);
      return token;
    };

    it('adds the guest’s quantities up to fifty, and the guest’s cart is gone', async () => {
      const [milk, eggs] = [shop.sell(10), shop.sell(20)];
      await put(milk, 30);
      const token = await guestCart([milk, 30], [eggs, 2]);

      expect(await carts.merge({ guestToken: token, customerId })).toEqual({ merged: true });
      expect(await quantities()).toEqual({ [milk]: 50, [eggs]: 2 });
      await expect(lines.show(guest(token))).rejects.toMatchObject({ status: 404, code: 'CART_NOT_FOUND' });
      const { id: cartId } = await lines.show({ customerId });
      expect((await event('cart.updated', cartId)).at(-1)).toEqual({ cartId, customerId, lines: 2 });
    });

    it('gives a cart to a customer who had none', async () => {
      const milk = shop.sell(10);
      await carts.merge({ guestToken: await guestCart([milk, 3]), customerId });

      expect(await quantities()).toEqual({ [milk]: 3 });
    });

    it('happens once, however often and by however many it is asked for', async () => {
      const milk = shop.sell(10);
      await put(milk, 1);
      const token = await guestCart([milk, 3]);
      const other = newId();
      const asked = [customerId, customerId, customerId, other].map((id) =>
        carts.merge({ guestToken: token, customerId: id }),
      );

      expect((await Promise.all(asked)).filter(({ merged }) => merged)).toHaveLength(1);
      expect(await quantities()).toEqual({ [milk]: 4 });
      expect(await quantities(other)).toEqual({});
    });

    it('ignores a token that is none', async () => {
      expect(await carts.merge({ guestToken: 'made-up', customerId })).toEqual({ merged: false });
      expect(await t.database.manager.existsBy(Cart, { customerId })).toBe(false);
    });
  });

  describe('what is kept', () => {
    it('is nothing of a customer who has left', async () => {
      await put(shop.sell(10), 1);
      const { id } = await lines.show({ customerId });
      const told = await t.deliver(userDeleted({ userId: customerId }));
      await t.deliver(told);

      expect(await t.database.manager.existsBy(Cart, { id })).toBe(false);
      expect(await t.database.manager.existsBy(CartItem, { cartId: id })).toBe(false);
      expect(await event('cart.cleared', id)).toEqual([{ cartId: id, customerId }]);
    });

    it('is a guest’s cart for thirty days without a write, and a customer’s for ever', async () => {
      const age = (id: string, days: number) =>
        t.database.manager.update(Cart, { id }, { updatedAt: new Date(Date.now() - days * 86_400_000).toISOString() });
      const milk = shop.sell(10);
      const [old, recent] = [await lines.put({}, milk, 1), await lines.put({}, milk, 1)];
      const mine = await put(milk, 1);
      await age(old.cart.id, 31);
      await age(recent.cart.id, 29);
      await age(mine.cart.id, 400);
      await t.get(RetentionService).sweep();

      await expect(lines.show(guest(old.guestToken!))).rejects.toMatchObject({ code: 'CART_NOT_FOUND' });
      expect(await t.database.manager.existsBy(CartItem, { cartId: old.cart.id })).toBe(false);
      expect((await lines.show(guest(recent.guestToken!))).items).toHaveLength(1);
      expect(await quantities()).toEqual({ [milk]: 1 });
    });
  });
});
