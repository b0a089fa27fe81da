import { orderConfirmed } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { CatalogueService } from './catalogue.service.js';
import { CoPurchase } from './co-purchase.entity.js';
import { aProduct } from './product.fixture.js';
import { ProductModule } from './product.module.js';
import { ProductRepository } from './product.repository.js';

let t: Harness;
const [snacks, tea] = [newId(), newId()];
const [chips, dip, nuts, green, black] = ['Chips', 'Dip', 'Nuts', 'Green Tea', 'Black Tea'].map((name, i) =>
  aProduct({ id: newId(), name, categoryId: i < 3 ? snacks : tea, brand: i % 2 ? 'Odd' : 'Even', price: 1000 + i }),
) as [ReturnType<typeof aProduct>, ...ReturnType<typeof aProduct>[]] & { length: 5 };

const confirmed = (productIds: string[]) => {
  const items = productIds.map((productId) => ({ productId, name: 'Name', quantity: 1, unitPrice: 1, lineTotal: 1 }));
  const address = {
    label: 'Home',
    line1: '1 Road',
    city: 'Bengaluru',
    state: 'KA',
    postalCode: '560034',
    country: 'IN',
    lat: 12.9,
    lng: 77.6,
  };
  const base = { orderId: newId(), number: 'N-1', customerId: newId(), storeId: newId(), paymentId: newId() };
  return orderConfirmed({
    ...base,
    items,
    total: 1,
    currency: 'INR',
    paymentMethod: 'cod',
    address,
    promisedAt: '2026-01-01T00:00:00.000Z',
  });
};
const counts = async (productId: string) => {
  const rows = await t.database.manager.find(CoPurchase, { where: { productId } });
  return Object.fromEntries(rows.map(({ otherId, count }) => [otherId, count]));
};
const recommended = async (id: string, query = '') =>
  (await t.http.get(`/api/v1/products/${id}/recommendations${query}`)).body;
const names = async (id: string, query?: string) =>
  (await recommended(id, query)).items.map(({ name }: { name: string }) => name);

beforeEach(async () => {
  t = await domainHarness(ProductModule);
  await t.database.transaction(() => t.get(ProductRepository).insert([chips, dip!, nuts!, green!, black!]));
  await t.get(CatalogueService).check();
});
afterEach(() => t.close());

describe('a confirmed order', () => {
  it('counts each pair of its products in both directions', async () => {
    await t.deliver(confirmed([chips.id, dip!.id, green!.id]));
    await t.deliver(confirmed([dip!.id, chips.id]));
    expect(await counts(chips.id)).toEqual({ [dip!.id]: 2, [green!.id]: 1 });
    expect(await counts(green!.id)).toEqual({ [chips.id]: 1, [dip!.id]: 1 });
  });

  it('counts once, however often it is told', async () => {
    const event = await t.deliver(confirmed([chips.id, dip!.id]));
    await t.deliver(event);
    expect(await counts(chips.id)).toEqual({ [dip!.id]: 1 });
  });

  it('of one product says nothing, and of many only its first ten lines', async () => {
    await t.deliver(confirmed([chips.id]));
    expect(await counts(chips.id)).toEqual({});
    const others = Array.from({ length: 15 }, () => newId());
    await t.deliver(confirmed([chips.id, ...others]));
    expect(Object.keys(await counts(chips.id)).sort()).toEqual(others.slice(0, 9).sort());
  });
});

describe('recommendations', () => {
  it('are what others bought with it, most often first, and then what is like it', async () => {
    await t.deliver(confirmed([chips.id, green!.id, black!.id]));
    await t.deliver(confirmed([chips.id, black!.id]));
    expect(await recommended(chips.id)).toEqual({ items: expect.any(Array), nextCursor: null });
    expect(await names(chips.id)).toEqual(['Black Tea', 'Green Tea', 'Nuts', 'Dip']);
  });

  it('fall back to the category and the brand where nobody bought it yet', async () => {
    expect(await names(chips.id)).toEqual(['Nuts', 'Dip', 'Black Tea']);
    expect(await names(chips.id, '?limit=1')).toEqual(['Nuts']);
  });

  it('never have what is no longer for sale', async () => {
    await t.deliver(confirmed([chips.id, dip!.id]));
    await t.http.delete(`/api/v1/products/${dip!.id}`, { as: t.actor('admin') });
    expect(await names(chips.id)).not.toContain('Dip');
  });

  it('are 404 for a product that is not there', async () => {
    expect((await recommended(newId())).code).toBe('PRODUCT_NOT_FOUND');
    expect((await recommended(chips.id, '?limit=0')).code).toBe('INVALID_REQUEST');
  });
});
