import { orderCancelled, orderCreated, OrderApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { notFound, unavailable } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CartModule } from './cart.module.js';
import { CouponRedemption } from './coupon.entity.js';
import { CouponRepository } from './coupon.repository.js';
import { newCoupon } from './coupon.service.js';
import { RedemptionService } from './redemption.service.js';

describe('the uses of a coupon', () => {
  const orders = new Map<string, 'pending' | 'cancelled' | 'unreachable'>();
  let t: Harness;
  let redemptions: RedemptionService;
  let meanwhile: (orderId: string) => Promise<unknown>;

  beforeAll(async () => {
    const get: OrderApi['get'] = async ({ orderId }) => {
      const status = orders.get(orderId);
      await meanwhile(orderId);
      if (status === 'unreachable') throw unavailable('order is not answering.');
      if (!status) throw notFound('order');
      const order = { orderId, number: '1', customerId: newId(), storeId: newId(), total: 1, currency: 'INR' };
      return { ...order, status, placedAt: '2026-01-01T00:00:00.000Z' };
    };
    t = await domainHarness(CartModule, { fakes: [fake(OrderApi, { get })] });
    redemptions = t.get(RedemptionService);
  });
  afterAll(() => t.close());
  beforeEach(() => {
    orders.clear();
    meanwhile = () => Promise.resolve();
  });

  let made = 0;
  const coupon = async (terms: object = {}) => {
    const code = `CODE${++made}`;
    await t.get(CouponRepository).add([newCoupon({ code, kind: 'fixed', value: 100, ...terms })]);
    return code;
  };
  const hold = (code: string, customerId = newId(), orderId = newId()) =>
    redemptions.hold({ code, customerId, orderId });
  const uses = async (code: string) => (await t.get(CouponRepository).byCode(code))!.uses;
  const stateOf = async (orderId: string) => (await t.database.manager.findOneBy(CouponRedemption, { orderId }))?.state;
  const lapse = (orderId: string) =>
    t.database.manager.update(CouponRedemption, { orderId }, { heldUntil: '2026-01-01T00:00:00.000Z' });
  const base = (orderId: string) => ({
    orderId,
    number: '1',
    customerId: newId(),
    storeId: newId(),
    total: 1,
    currency: 'INR',
  });
  const created = (orderId: string, couponCode: string) =>
    orderCreated({ ...base(orderId), cartId: newId(), generation: 0, items: [], paymentMethod: 'cod', couponCode });
  const cancelled = (orderId: string) =>
    orderCancelled({ ...base(orderId), reason: 'CUSTOMER', previousStatus: 'pending' });

  it('are exactly as many as there are, when a hundred orders want them at once', async () => {
    const code = await coupon({ totalUses: 20 });
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => hold(code)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect(refused).toHaveLength(80);
    for (const why of refused) expect(why).toMatchObject({ status: 422, code: 'COUPON_USED_UP' });
    expect(await uses(code)).toBe(20);
  });

  it('are exactly as many for one customer as allowed, when their orders come at once', async () => {
    const code = await coupon({ perCustomer: 2 });
    const customerId = newId();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => hold(code, customerId)));

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await uses(code)).toBe(2);
    await expect(hold(code)).resolves.toBeUndefined();
  });

  it('count once for one order, also when the coupon has run out since', async () => {
    const code = await coupon({ totalUses: 1, perCustomer: 1 });
    const [customerId, orderId] = [newId(), newId()];
    await Promise.all(Array.from({ length: 5 }, () => hold(code.toLowerCase(), customerId, orderId)));
    await hold(code, customerId, orderId);

    expect(await uses(code)).toBe(1);
  });

  it('count once when an order that gave its use back asks again, several times at once', async () => {
    const code = await coupon({ totalUses: 3, perCustomer: 3 });
    for (let round = 0; round < 12; round++) {
      const [customerId, orderId] = [newId(), newId()];
      await hold(code, customerId, orderId);
      await redemptions.giveBack(orderId);
      await Promise.all(Array.from({ length: 5 }, () => hold(code, customerId, orderId)));
      expect(await uses(code)).toBe(1);
      await Promise.all([1, 2, 3].map(() => redemptions.giveBack(orderId)));
      expect(await uses(code)).toBe(0);
    }
  });

  it('that lapse are settled once by several sweeps at once, and a use that became final meanwhile stays', async () => {
    const code = await coupon();
    const [lost, late] = [newId(), newId()];
    for (const orderId of [lost, late]) {
      await hold(code, newId(), orderId);
      await lapse(orderId);
    }
    // Order does not know `late` when it is asked; before the answer is here, it has been made and told.
    meanwhile = (orderId) => (orderId === late ? t.deliver(created(late, code)) : Promise.resolve());
    await Promise.all([1, 2, 3].map(() => redemptions.settleLapsed()));
    expect([await stateOf(lost), await stateOf(late), await uses(code)]).toEqual(['returned', 'used', 1]);
  });

  it.each([
    ['that is unknown', undefined],
    ['that has ended', { endsAt: '2026-01-01T00:00:00.000Z' }],
  ])('are not given of a coupon %s', async (_, terms) => {
    const code = terms ? await coupon(terms) : 'UNKNOWN';

    await expect(hold(code)).rejects.toMatchObject({ status: 422, code: 'COUPON_INVALID' });
  });

  it('come back once, for everybody and for the customer, and can be held again', async () => {
    const code = await coupon({ totalUses: 1, perCustomer: 1 });
    const [customerId, orderId] = [newId(), newId()];
    await hold(code, customerId, orderId);
    await Promise.all([1, 2, 3].map(() => redemptions.giveBack(orderId)));
    await redemptions.giveBack(newId());

    expect(await uses(code)).toBe(0);
    await hold(code, customerId, orderId);
    expect([await uses(code), await stateOf(orderId)]).toEqual([1, 'held']);
  });

  it('are final with the order, and come back when it is cancelled', async () => {
    const code = await coupon();
    const orderId = newId();
    await hold(code, newId(), orderId);
    await t.deliver(created(orderId, code));
    expect([await uses(code), await stateOf(orderId)]).toEqual([1, 'used']);

    const told = await t.deliver(cancelled(orderId));
    await t.deliver(told);
    await t.deliver(created(orderId, code));
    expect([await uses(code), await stateOf(orderId)]).toEqual([0, 'returned']);
  });

  it('of a coupon that was deleted are not given back to a new one of the same code', async () => {
    const code = await coupon();
    const orderId = newId();
    await hold(code, newId(), orderId);
    await t.get(CouponRepository).remove(code);
    await t.get(CouponRepository).add([newCoupon({ code, kind: 'fixed', value: 100 })]);
    await hold(code);
    await redemptions.giveBack(orderId);

    expect(await uses(code)).toBe(1);
  });

  it('that are held lapse if there is no order, stay if there is one, and wait while nobody can tell', async () => {
    const code = await coupon();
    const [fresh, lost, made, dropped] = [newId(), newId(), newId(), newId()];
    for (const orderId of [fresh, lost, made, dropped]) await hold(code, newId(), orderId);
    for (const orderId of [lost, made, dropped]) await lapse(orderId);
    orders.set(made, 'pending').set(dropped, 'cancelled');
    await redemptions.settleLapsed();

    expect(await Promise.all([fresh, lost, made, dropped].map(stateOf))).toEqual([
      'held',
      'returned',
      'used',
      'returned',
    ]);
    expect(await uses(code)).toBe(2);

    await lapse(fresh);
    orders.set(fresh, 'unreachable');
    await expect(redemptions.settleLapsed()).rejects.toMatchObject({ status: 503 });
    expect(await stateOf(fresh)).toBe('held');
  });
});
