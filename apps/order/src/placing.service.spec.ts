import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, eventually, fake, type Harness } from '@nakku/testing';
import { OrderModule } from './order.module.js';
import { tellsOf, TestTown } from './town.fixture.js';
import { UpdateService } from './update.service.js';

let t: Harness;
let town: TestTown;

beforeEach(async () => {
  town = new TestTown();
  t = await domainHarness(OrderModule, {
    fakes: [fake(UserApi, town.users), fake(LocationApi, town.locations), fake(CartApi, town.cart)],
  });
});
afterEach(() => t.close());

const post = (as: ReturnType<Harness['actor']>, body: object = {}, headers: Record<string, string> = {}) =>
  t.http.post('/api/v1/orders', {
    as,
    body: { addressId: town.addressId, paymentMethod: 'cod', ...body },
    headers: { 'idempotency-key': newId(), ...headers },
  });
const count = async () => (await t.published('order.created')).length;

describe('placing an order', () => {
  it('answers 201 with the pending order, priced by the cart', async () => {
    const answer = await post(t.actor('customer'), { tip: 500, note: ' ring twice ' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      ...{ status: 'pending', storeId: town.storeId, note: 'ring twice', paymentMethod: 'cod', currency: 'INR' },
      ...{ subtotal: 16_500, discount: 0, deliveryFee: 2500, tax: 825, tip: 500, total: 20_325 },
      address: { line1: '17th Main', lat: 12.93, lng: 77.62 },
      items: [
        { productId: town.milk, name: 'Milk', quantity: 2, unitPrice: 6000, lineTotal: 12_000, status: 'ordered' },
        { productId: town.bread, name: 'Bread', quantity: 1, unitPrice: 4500, lineTotal: 4500, status: 'ordered' },
      ],
    });
    expect(Object.values(answer.body as object)).not.toContain(null);
  });

  it('tells the others in the same transaction and empties the cart', async () => {
    const customer = t.actor('customer');
    const { body: order } = await post(customer);
    expect(await t.published()).toEqual([
      {
        type: 'order.created',
        data: expect.objectContaining({
          orderId: order.id,
          customerId: customer.id,
          generation: 1,
          total: 19_825,
          paymentMethod: 'cod',
        }),
      },
    ]);
    expect(town.calls).toEqual(['checkout']);
    expect(await post(customer)).toMatchObject({ status: 422, body: { code: 'CART_EMPTY' } });
  });

  it('keeps the longest note in whatever script', async () => {
    const customer = t.actor('customer');
    const note = `ಹಾಲು ${'🥛'.repeat(247)}`;
    const { id } = (await post(customer, { note })).body as { id: string };
    expect((await t.http.get(`/api/v1/orders/${id}`, { as: customer })).body).toMatchObject({ note });
  });

  it('does not need the cart to be emptied at once', async () => {
    town.cartIsDown = true;
    expect(await post(t.actor('customer'))).toMatchObject({ status: 201 });
  });

  it('holds the coupon before the order exists', async () => {
    town.couponCode = 'WELCOME50';
    const { body } = await post(t.actor('customer'));
    expect(body).toMatchObject({ couponCode: 'WELCOME50', discount: 1000, total: 18_825 });
    expect(town.calls).toEqual(['redeemCoupon', 'checkout']);
    expect(await t.published('order.created')).toMatchObject([{ couponCode: 'WELCOME50' }]);
  });
});

describe('placing is refused', () => {
  const refused = async (change: () => void, status: number, code: string, more: object = {}, body: object = {}) => {
    change();
    expect(await post(t.actor('customer'), body)).toMatchObject({ status, body: { code, ...more } });
    expect(await count()).toBe(0);
  };
  const nothing = () => undefined;

  it('without an Idempotency-Key', async () => {
    const answer = await t.http.post('/api/v1/orders', {
      as: t.actor('customer'),
      body: { addressId: town.addressId, paymentMethod: 'cod' },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'IDEMPOTENCY_KEY_REQUIRED' } });
  });

  it('to somebody who is no customer', async () => {
    expect(await post(t.actor('rider'))).toMatchObject({ status: 403 });
  });

  it.each([
    { tip: -1 },
    { tip: 1.5 },
    { tip: 100_001 },
    { note: 'x'.repeat(501) },
    { paymentMethod: 'cheque' },
    { substitutions: 'maybe' },
    { total: 1 },
  ])('for the malformed field in %j', (body) => refused(nothing, 400, 'INVALID_REQUEST', {}, body));

  it('for a card number', () =>
    refused(nothing, 400, 'CARD_NUMBER_REFUSED', {}, { paymentMethod: 'card', paymentToken: '4242 4242 4242 4242' }));
  it('without a token', () => refused(nothing, 422, 'PAYMENT_TOKEN_REQUIRED', {}, { paymentMethod: 'upi' }));
  it('for an address that is not theirs', () => refused(nothing, 404, 'ADDRESS_NOT_FOUND', {}, { addressId: newId() }));
  it('for an address nobody can find', () =>
    refused(() => (town.point = {}), 422, 'NOT_SERVICEABLE', { reason: 'ADDRESS_NOT_LOCATED' }));
  it('out of every zone', () =>
    refused(() => (town.serviceable = { serviceable: false, reason: 'OUT_OF_ZONE' }), 422, 'NOT_SERVICEABLE', {
      reason: 'OUT_OF_ZONE',
    }));
  it('while the store is closed', () =>
    refused(
      () => (town.serviceable = { serviceable: false, storeId: town.storeId, reason: 'STORE_CLOSED' }),
      422,
      'STORE_CLOSED',
    ));
  it('for lines that are known to be short', () =>
    refused(() => (town.breadAvailable = false), 422, 'OUT_OF_STOCK', {
      lines: [{ productId: town.bread, name: 'Bread', quantity: 1 }],
    }));
  it('with a coupon that is used up', () =>
    refused(() => Object.assign(town, { couponCode: 'FIRST20', couponUsedUp: true }), 422, 'COUPON_USED_UP'));
});

describe('the Idempotency-Key', () => {
  it('gives the same order for the same request, and refuses another body', async () => {
    const customer = t.actor('customer');
    const key = { 'idempotency-key': 'again-and-again' };
    const first = await post(customer, {}, key);
    const second = await post(customer, {}, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(await post(customer, { tip: 1 }, key)).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await count()).toBe(1);
  });

  it('makes one order of ten requests at once', async () => {
    const customer = t.actor('customer');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(customer, {}, { 'idempotency-key': 'one' })),
    );
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id as string)).size).toBe(1);
    expect(answers.every(({ status, body }) => status === 201 || body.code === 'IDEMPOTENCY_KEY_IN_PROGRESS')).toBe(
      true,
    );
    expect(await count()).toBe(1);
  });

  it('does not make two orders of one cart: of ten keys at once one wins, and the losers give their coupon back', async () => {
    town.couponCode = 'WELCOME50';
    const customer = t.actor('customer');
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(customer)));
    const codes = answers.map(({ status, body }) => (status === 201 ? 'placed' : (body.code as string)));
    expect(codes.filter((code) => code === 'placed')).toHaveLength(1);
    expect(codes.every((code) => ['placed', 'CART_CHANGED', 'CART_EMPTY'].includes(code))).toBe(true);
    expect(await count()).toBe(1);
    const calls = (name: string) => town.calls.filter((call) => call === name).length;
    expect(calls('returnCoupon')).toBe(calls('redeemCoupon') - 1);
    expect((await t.http.get('/api/v1/orders', { as: customer })).body.items).toHaveLength(1);
  });
});

it('a cart that was not emptied yet is not ordered again', async () => {
  town.cartIsDown = true;
  town.couponCode = 'WELCOME50';
  const customer = t.actor('customer');
  await post(customer);
  expect(await post(customer)).toMatchObject({ status: 409, body: { code: 'CART_CHANGED' } });
  expect(town.calls).toEqual(['redeemCoupon', 'checkout', 'redeemCoupon', 'returnCoupon']);
  expect(await count()).toBe(1);
});

describe('Prefer: wait', () => {
  const placed = () =>
    eventually('the order', async () => (await t.published('order.created'))[0] as { orderId: string } | undefined);
  const later = async (customerId: string) => {
    const { orderId } = await placed();
    const tells = tellsOf(orderId, customerId, town.storeId);
    await t.deliver(tells.reserved());
    await t.deliver(tells.paid());
  };

  it('answers once the order is confirmed, and replays that answer', async () => {
    const customer = t.actor('customer');
    const headers = { prefer: 'respond-async, wait=20', 'idempotency-key': 'patient' };
    const began = Date.now();
    const [answer] = await Promise.all([post(customer, {}, headers), later(customer.id)]);
    expect(answer).toMatchObject({
      status: 201,
      body: { status: 'confirmed' },
      headers: { 'preference-applied': 'wait=20' },
    });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await post(customer, {}, headers)).toMatchObject({
      body: answer.body,
      headers: { 'idempotency-replayed': 'true' },
    });
  });

  it('answers with the pending order when the time is up', async () => {
    const began = Date.now();
    expect(await post(t.actor('customer'), {}, { prefer: 'wait=1' })).toMatchObject({
      status: 201,
      body: { status: 'pending' },
    });
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
  });

  it('answers at once when the process is about to stop', async () => {
    const began = Date.now();
    const answer = post(t.actor('customer'), {}, { prefer: 'wait=20' });
    await placed();
    t.get(UpdateService).onModuleDestroy();
    expect(await answer).toMatchObject({ status: 201, body: { status: 'pending' } });
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});
