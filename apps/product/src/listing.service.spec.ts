import { InventoryApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { unavailable } from '@nakku/rpc';
import { domainHarness, eventually, fake, type Harness } from '@nakku/testing';
import { CategoryRepository } from './category.repository.js';
import { CatalogueService } from './catalogue.service.js';
import { SORTS } from './listing.js';
import type { Product } from './product.entity.js';
import { aProduct } from './product.fixture.js';
import { ProductModule } from './product.module.js';
import { ProductRepository } from './product.repository.js';

const AT = '2026-01-01T00:00:00.000Z';
const STORE = newId();
const [dairy, milk, cheese, fruit] = [newId(), newId(), newId(), newId()];
const category = (id: string, slug: string, name: string, parentId: string | null = null) => ({
  id,
  slug,
  name,
  parentId,
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: '',
});

let inStock: () => Promise<string[]> = async () => [];
let asked: (string | undefined)[] = [];
let t: Harness;

const given: Partial<Product>[] = [
  { name: 'Toned Milk', brand: 'Gopala', price: 2800, categoryId: milk },
  { name: 'Full Cream Milk', brand: 'Gopala', price: 3600, categoryId: milk },
  { name: 'Almond Milk', brand: 'Kaavya', price: 24_000, categoryId: milk },
  { name: 'Cheese Slices', brand: 'Gopala', price: 14_000, categoryId: cheese, description: 'From cow milk.' },
  { name: 'Paneer', brand: 'Kaavya', price: 9000, categoryId: cheese },
  { name: 'Shimla Apple', brand: 'Nakku Fresh', price: 13_900, categoryId: fruit },
];
const products = given.map((each, i) =>
  aProduct({ ...each, id: newId(), createdAt: `2026-01-0${i + 1}T00:00:00.000Z` }),
);
const idOf = (name: string) => products.find((product) => product.name === name)!.id;

async function add(...more: Product[]) {
  await t.database.transaction(() => t.get(ProductRepository).insert(more));
  await t.get(CatalogueService).check();
}

beforeAll(async () => {
  const answer = async ({ storeId }: { storeId?: string }) => {
    asked.push(storeId);
    return { productIds: await inStock() };
  };
  t = await domainHarness(ProductModule, { fakes: [fake(InventoryApi, { inStock: answer })] });
  const shelves = [
    category(dairy, 'dairy', 'Dairy'),
    category(milk, 'milk', 'Milk', dairy),
    category(cheese, 'cheese', 'Cheese', dairy),
    category(fruit, 'fruit', 'Fruit'),
  ];
  await t.database.transaction(() => t.get(CategoryRepository).insert(shelves));
  await add(...products);
});
afterAll(() => t.close());

const list = (query: string) => t.http.get(`/api/v1/products?${query}`);
const names = async (query: string): Promise<string[]> =>
  (await list(query)).body.items.map(({ name }: Product) => name);

describe('GET /products', () => {
  it('lists everything, the newest first, with facets', async () => {
    const { status, body } = await list('');
    expect(status).toBe(200);
    expect(body.items.map(({ name }: Product) => name)).toEqual(given.map(({ name }) => name).reverse());
    expect(body.nextCursor).toBeNull();
    expect(body.facets.brand).toEqual([
      { value: 'Gopala', label: 'Gopala', count: 3 },
      { value: 'Kaavya', label: 'Kaavya', count: 2 },
      { value: 'Nakku Fresh', label: 'Nakku Fresh', count: 1 },
    ]);
  });

  it('shows a product as the specification says', async () => {
    const { body } = await list('q=paneer');
    expect(body.items).toEqual([
      {
        id: idOf('Paneer'),
        sku: idOf('Paneer'),
        name: 'Paneer',
        brand: 'Kaavya',
        categoryId: cheese,
        description: '',
        unit: '1 L',
        imageUrl: '',
        price: { amount: 9000, currency: 'INR' },
        version: 1,
      },
    ]);
  });

  it.each([
    ['category=milk', ['Almond Milk', 'Full Cream Milk', 'Toned Milk']],
    [`category=${cheese}`, ['Paneer', 'Cheese Slices']],
    ['category=dairy&sort=price&limit=2', ['Toned Milk', 'Full Cream Milk']],
    ['category=nowhere', []],
    ['brand=gopala&sort=name', ['Cheese Slices', 'Full Cream Milk', 'Toned Milk']],
    ['minPrice=3600&maxPrice=13900&sort=price', ['Full Cream Milk', 'Paneer', 'Shimla Apple']],
    ['sort=-price&limit=2', ['Almond Milk', 'Cheese Slices']],
    ['category=dairy&brand=kaavya&maxPrice=9000', ['Paneer']],
    ['q=milk&brand=gopala&sort=-price', ['Cheese Slices', 'Full Cream Milk', 'Toned Milk']],
    ['q=milk&category=cheese', ['Cheese Slices']],
    ['q=mlik&limit=1', ['Toned Milk']],
    ['q=&sort=relevance&limit=1', ['Shimla Apple']],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  it('counts in the facets what the filters have left', async () => {
    const { body } = await list('category=dairy&maxPrice=10000&limit=1');
    expect(body.facets.category).toEqual([
      { value: milk, label: 'Milk', count: 2 },
      { value: cheese, label: 'Cheese', count: 1 },
    ]);
    expect(body.facets.price.map(({ count }: { count: number }) => count)).toEqual([2, 1]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'minPrice=1.5',
    'minPrice=-1',
    'minPrice=2&maxPrice=1',
    'sort=best',
    'storeId=x',
    'inStock=perhaps',
    'colour=red',
  ])('refuses %s', async (query) => {
    expect(await list(query)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('a cursor', () => {
  it.each([...SORTS.map((sort) => `q=milk&sort=${sort}`), ...SORTS.map((sort) => `category=dairy&sort=${sort}`)])(
    'leads through every product once, while others come in between: %s',
    async (query) => {
      const before = (await names(`${query}&limit=100`)).length;
      const seen: string[] = [];
      for (let cursor = ''; cursor !== null;) {
        const { body } = await list(`${query}&limit=1${cursor && `&cursor=${cursor}`}`);
        seen.push(...body.items.map(({ id }: Product) => id));
        cursor = body.nextCursor;
        // One that belongs before everything, one after, and one in the middle.
        const fresh = { categoryId: milk };
        const names = ['AAA Milk', 'Milk', 'zzz drink with a long name and milk'];
        if (seen.length < 4)
          await add(
            ...names.map((name, i) =>
              aProduct({
                ...fresh,
                name,
                price: [0, 9000, 99_000][i],
                createdAt: ['2026-02-01', '2026-01-03', '2025-12-01'][i] + `T00:00:00.00${seen.length}Z`,
              }),
            ),
          );
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(
        products
          .filter(({ categoryId, description }) =>
            query.includes('q=') ? categoryId === milk || description : categoryId !== fruit,
          )
          .every(({ id }) => seen.includes(id)),
      ).toBe(true);
      expect(seen.length).toBeGreaterThanOrEqual(before);
    },
  );

  it('belongs to its list and sort', async () => {
    const { nextCursor } = (await list('category=dairy&sort=price&limit=1')).body;
    for (const other of [
      'category=milk&sort=price',
      'category=dairy&sort=-price',
      'category=dairy',
      'sort=price',
      'category=dairy&sort=price&q=milk',
    ]) {
      expect(await list(`${other}&cursor=${nextCursor}`)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_CURSOR' },
      });
    }
    expect((await list(`category=dairy&sort=price&limit=50&cursor=${nextCursor}`)).status).toBe(200);
  });

  it.each(['x', 'W10', Buffer.from('["a",9,1,"b"]').toString('base64url')])(
    'that is none is refused: %s',
    async (cursor) => {
      expect(await list(`cursor=${cursor}`)).toMatchObject({ status: 400, body: { code: 'INVALID_CURSOR' } });
    },
  );
});

describe('stock', () => {
  beforeEach(() => {
    asked = [];
    inStock = async () => [idOf('Paneer'), idOf('Shimla Apple'), newId()];
  });

  it('filters by what a store can sell, together with the other filters', async () => {
    const { body } = await list(`storeId=${newId()}&inStock=true&sort=price&maxPrice=10000`);
    expect(body.items).toMatchObject([{ name: 'Paneer', available: true }]);
    expect(body.facets.brand).toEqual([{ value: 'Kaavya', label: 'Kaavya', count: 1 }]);
  });

  it('filters by what any store can sell, and then tells of no store', async () => {
    const { body } = await list('inStock=true&sort=price');
    expect(body.items.map(({ name }: Product) => name)).toEqual(['Paneer', 'Shimla Apple']);
    expect(body.items[0]).not.toHaveProperty('available');
    expect(asked).toEqual([undefined]);
  });

  it('is told of every product where a store is given', async () => {
    const { body } = await list(`storeId=${STORE}&category=cheese&sort=name`);
    expect(body.items.map(({ name, available }: Product & { available: boolean }) => [name, available])).toEqual([
      ['Cheese Slices', false],
      ['Paneer', true],
    ]);
  });

  it('is asked for once in a while, whatever the list', async () => {
    const store = newId();
    for (const sort of SORTS) await list(`storeId=${store}&sort=${sort}`);
    await list(`storeId=${store}&inStock=true`);
    expect(asked).toEqual([store]);
  });

  it('is left out while inventory is down, and 503 only for whoever needs it', async () => {
    inStock = () => Promise.reject(unavailable('down'));
    const store = newId();
    const { status, body } = await list(`storeId=${store}&q=paneer`);
    expect([status, body.items.length]).toEqual([200, 1]);
    expect(body.items[0]).not.toHaveProperty('available');
    expect(await list(`storeId=${store}&inStock=true`)).toMatchObject({
      status: 503,
      body: { code: 'UNAVAILABLE' },
      headers: { 'retry-after': '1' },
    });
    expect(await names(`storeId=${store}&inStock=false&q=paneer`)).toEqual(['Paneer']);
    expect(asked).toEqual([store]);
  });

  it('is there again soon after inventory is', async () => {
    inStock = () => Promise.reject(unavailable('down'));
    const store = newId();
    await list(`storeId=${store}`);
    inStock = async () => [idOf('Paneer')];
    const { body } = await eventually('stock is known', async () => {
      const answer = await list(`storeId=${store}&inStock=1`);
      return answer.status === 200 && answer;
    });
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(['Paneer']);
  });
});
