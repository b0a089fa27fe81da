import { seedId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { ProductModule } from './product.module.js';
import { ProductSeed } from './product.seed.js';

let t: Harness;
const list = async (query: string) => (await t.http.get(`/api/v1/products?${query}`)).body;
const total = ({ facets }: { facets: { price: { count: number }[] } }) =>
  facets.price.reduce((sum, { count }) => sum + count, 0);

beforeAll(async () => {
  t = await domainHarness(ProductModule);
  await t.get(ProductSeed).seed();
});
afterAll(() => t.close());

describe('the demo catalogue', () => {
  it('has some hundred products on more than a dozen shelves, under ids that others can work out', async () => {
    expect(total(await list(''))).toBeGreaterThan(300);
    const categories = (await t.http.get('/api/v1/categories')).body.items;
    expect(categories.length).toBeGreaterThan(12);
    expect(categories.find(({ slug }: { slug: string }) => slug === 'milk-curd')).toMatchObject({
      id: seedId('category:milk-curd'),
    });
    expect((await t.http.get(`/api/v1/products/${seedId('product:FRU-BAN-YEL-6PC')}`)).body).toMatchObject({
      name: 'Banana Robusta',
      price: { amount: 4200, currency: 'INR' },
    });
  });

  it('changes nothing when it is loaded again, and tells nobody', async () => {
    const before = await list('limit=100');
    await t.get(ProductSeed).seed();
    expect(await list('limit=100')).toEqual(before);
    expect(await t.published()).toEqual([]);
  });

  it('is mixed in a list of the newest', async () => {
    const { items } = await list('limit=20');
    expect(new Set(items.map(({ categoryId }: { categoryId: string }) => categoryId)).size).toBeGreaterThan(10);
  });

  it.each([
    ['mlik', /milk/i],
    ['tomatto', /tomato/i],
    ['choc', /choc/i],
    ['bred', /bread/i],
    ['shampoo', /shampoo/i],
  ])('answers %s with what was meant', async (query, meant) => {
    const { items } = await list(`q=${query}&limit=5`);
    expect(items.length).toBeGreaterThan(2);
    for (const { name } of items.slice(0, 3)) expect(name).toMatch(meant);
  });

  it('is walked through once from end to end, by every sort', async () => {
    for (const sort of ['newest', 'name', 'price', '-price']) {
      const seen: string[] = [];
      for (let cursor = ''; cursor !== null;) {
        const page = await list(`sort=${sort}&limit=100${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.items.map(({ id }: { id: string }) => id));
        cursor = page.nextCursor;
      }
      expect([new Set(seen).size, seen.length]).toEqual([total(await list('')), total(await list(''))]);
    }
  });
});
