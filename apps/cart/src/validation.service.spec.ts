import { InventoryApi, LocationApi, ProductApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { notFound, type Output } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { CartModule } from './cart.module.js';
import { TestMarket } from './market.fixture.js';

describe('the validation of a cart', () => {
  const shop = new TestMarket();
  const [home, otherZone, farAway, closed, nowhere] = [newId(), newId(), newId(), newId(), newId()];
  const latitudes = new Map<string, number | undefined>([
    [home, 12.9],
    [otherZone, 13],
    [farAway, 1],
    [closed, 2],
    [nowhere, undefined],
  ]);
  let t: Harness;
  let customer: Actor;

  const getAddress: UserApi['getAddress'] = async ({ addressId }) => {
    if (!latitudes.has(addressId)) throw notFound('address');
    const lat = latitudes.get(addressId);
    const place = { label: 'Home', line1: '1', city: 'B', state: 'K', postalCode: '560034', country: 'IN' };
    return {
      ...place,
      id: addressId,
      isDefault: true,
      serviceable: true,
      ...(lat === undefined ? {} : { lat, lng: 77.6 }),
    };
  };
  const serviceability = async ({ lat }: { lat: number }): Promise<Output<LocationApi, 'serviceability'>> => {
    if (lat > 10) return { serviceable: true, storeId: lat === 12.9 ? shop.nearby : newId(), etaMinutes: 12 };
    return lat === 2 ? { serviceable: false, reason: 'STORE_CLOSED' } : { serviceable: false, reason: 'OUT_OF_ZONE' };
  };

  beforeAll(async () => {
    const market = [fake(ProductApi, shop.products), fake(InventoryApi, shop.inventory)];
    t = await domainHarness(CartModule, {
      fakes: [...market, fake(UserApi, { getAddress }), fake(LocationApi, { serviceability })],
    });
  });
  afterAll(() => t.close());
  beforeEach(() => {
    customer = t.actor('customer');
    shop.inventoryIsDown = false;
  });

  const put = (productId: string, quantity: number) =>
    t.http.put(`/api/v1/cart/items/${productId}`, { as: customer, body: { quantity } });
  const validate = (body?: unknown) =>
    t.http.post('/api/v1/cart/validate', { as: customer, ...(body === undefined ? {} : { body }) });
  const issues = async (body?: unknown) =>
    (await validate(body)).body.issues.map(({ code, productId, reason }: Record<string, string>) => [
      code,
      productId ?? reason,
    ]);

  it('finds nothing wrong with a cart that can be ordered', async () => {
    await put(shop.sell(3000), 1);

    for (const body of [undefined, {}, { addressId: home }]) {
      const answer = await validate(body);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ valid: true, issues: [], cart: { subtotal: 3000, total: 5650 } });
    }
  });

  it('lists changed prices, shortages, gone products and addresses out of reach', async () => {
    const [dear, short, gone] = [shop.sell(100), shop.sell(100, 1), shop.sell(100)];
    for (const id of [dear, short, gone]) await put(id, 2);
    shop.change(dear, { amount: 150 });
    shop.change(gone, { active: false });

    expect((await validate()).body.valid).toBe(false);
    expect(await issues({ addressId: farAway })).toEqual([
      ['PRICE_CHANGED', dear],
      ['SHORTAGE', short],
      ['PRODUCT_GONE', gone],
      ['NOT_SERVICEABLE', 'OUT_OF_ZONE'],
    ]);
  });

  it('judges the stock of the store that delivers to the address', async () => {
    const milk = shop.sell(100, 5);
    await put(milk, 5);

    expect(await issues({ addressId: home })).toEqual([]);
    expect(await issues({ addressId: otherZone })).toEqual([['SHORTAGE', milk]]);
  });

  it('tells a closed store from an address that is nowhere, and an empty cart from both', async () => {
    expect(await issues({ addressId: closed })).toEqual([
      ['CART_EMPTY', undefined],
      ['NOT_SERVICEABLE', 'STORE_CLOSED'],
    ]);
    expect(await issues({ addressId: nowhere })).toContainEqual(['NOT_SERVICEABLE', 'ADDRESS_UNKNOWN']);
  });

  it('does not call a cart valid whose stock it cannot know', async () => {
    await put(shop.sell(100), 1);
    shop.inventoryIsDown = true;

    expect(await issues({ addressId: home })).toEqual([['STOCK_UNKNOWN', undefined]]);
  });

  it('does not know somebody else’s address, takes no unknown field, and is not for guests', async () => {
    const answers = [
      await validate({ addressId: newId() }),
      await validate({ address: home }),
      await t.http.post('/api/v1/cart/validate'),
    ];

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'ADDRESS_NOT_FOUND'],
      [400, 'INVALID_REQUEST'],
      [401, 'TOKEN_MISSING'],
    ]);
  });
});
