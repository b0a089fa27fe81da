import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { Periodic } from '@nakku/runtime';
import { domainHarness, type Harness } from '@nakku/testing';
import { Catalogue } from './catalogue.js';
import { CatalogueService } from './catalogue.service.js';
import { CategoryRepository } from './category.repository.js';
import { aProduct } from './product.fixture.js';
import { ProductModule } from './product.module.js';
import { ProductRepository } from './product.repository.js';
import { ProductService } from './product.service.js';

let t: Harness;
let admin: Actor;
let categoryId: string;

/** Another copy of the service: the same database, a memory of its own. */
async function anotherCopy() {
  const catalogue = new Catalogue();
  const upkeep = new CatalogueService(catalogue, t.get(ProductRepository), t.get(CategoryRepository), t.get(Periodic));
  await upkeep.onModuleInit();
  return { catalogue, upkeep, products: new ProductService(catalogue, upkeep) };
}
const create = async () => {
  const texts = { sku: newId(), name: 'Toned Milk', brand: 'Gopala', unit: '1 L', categoryId };
  return (
    await t.http.post('/api/v1/products', { as: admin, body: { ...texts, price: { amount: 100, currency: 'INR' } } })
  ).body;
};
/** A row that got there behind the back of this service. */
const slip = (given: object) =>
  t.database.transaction(() => t.get(ProductRepository).insert([aProduct({ categoryId, ...given })]));

beforeAll(async () => {
  t = await domainHarness(ProductModule);
  admin = t.actor('admin');
  categoryId = (await t.http.post('/api/v1/categories', { as: admin, body: { name: 'Milk', slug: 'milk' } })).body.id;
});
afterAll(() => t.close());

describe('a copy of the service', () => {
  it('begins with everything in the database, deleted products included', async () => {
    const [kept, gone] = [await create(), await create()];
    await t.http.delete(`/api/v1/products/${gone.id}`, { as: admin });
    const { catalogue } = await anotherCopy();
    expect(catalogue.live(kept.id)).toMatchObject({ name: 'Toned Milk', price: 100 });
    expect([catalogue.live(gone.id), catalogue.get(gone.id)?.version]).toEqual([undefined, 2]);
    expect(catalogue.tree.get('milk')).toMatchObject({ id: categoryId });
  });

  it('takes over what another one has created, changed and deleted', async () => {
    const [changed, gone] = [await create(), await create()];
    const copy = await anotherCopy();
    const made = await create();
    await t.http.patch(`/api/v1/products/${changed.id}`, { as: admin, body: { name: 'Renamed', version: 1 } });
    await t.http.delete(`/api/v1/products/${gone.id}`, { as: admin });
    expect(copy.catalogue.get(changed.id)!.name).toBe('Toned Milk');
    await copy.upkeep.refresh();
    expect(copy.catalogue.get(changed.id)!.name).toBe('Renamed');
    expect(copy.catalogue.live(gone.id)).toBeUndefined();
    expect(copy.catalogue.search.find('renamed').products).toHaveLength(1);
    expect(copy.catalogue.live(made.id)).toMatchObject({ version: 1 });
  });

  it('takes over categories, their removal included', async () => {
    const copy = await anotherCopy();
    const { id } = (await t.http.post('/api/v1/categories', { as: admin, body: { name: 'Curd', slug: 'curd' } })).body;
    await copy.upkeep.refresh();
    expect(copy.catalogue.tree.get('curd')).toMatchObject({ id });
    await t.http.delete(`/api/v1/categories/${id}`, { as: admin });
    await copy.upkeep.refresh();
    expect(copy.catalogue.tree.get('curd')).toBeUndefined();
  });

  it('does not go back to older categories when one reading overtakes another', async () => {
    const copy = await anotherCopy();
    const repository = t.get(CategoryRepository);
    const add = (slug: string) => t.http.post('/api/v1/categories', { as: admin, body: { name: slug, slug } });
    await add('ghee');
    const asItWas = await repository.all();
    let [ask, arrive] = [() => {}, () => {}];
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const answer = new Promise<void>((resolve) => (arrive = resolve));
    jest.spyOn(repository, 'all').mockImplementationOnce(async () => {
      ask();
      await answer;
      return asItWas;
    });
    const slow = copy.upkeep.arrange();
    await asked;
    await add('paneer');
    await copy.upkeep.arrange();
    arrive();
    await slow;
    expect([copy.catalogue.tree.get('ghee'), copy.catalogue.tree.get('paneer')]).not.toContain(undefined);
  });

  it('finds a product that it has not heard of yet', async () => {
    const copy = await anotherCopy();
    const { id } = await create();
    expect(await copy.products.get(id)).toMatchObject({ id, version: 1 });
    const other = await create();
    expect((await copy.products.getMany({ ids: [other.id, newId()] })).items).toMatchObject([{ id: other.id }]);
  });

  it('sees a row that was committed some seconds after it was stamped', async () => {
    const copy = await anotherCopy();
    await copy.upkeep.refresh();
    const id = newId();
    await slip({ id, updatedAt: new Date(Date.now() - 5000).toISOString() });
    await copy.upkeep.refresh();
    expect(copy.catalogue.live(id)).toBeDefined();
  });

  it('finds by its check what no refresh could see', async () => {
    const copy = await anotherCopy();
    const id = newId();
    await slip({ id, updatedAt: '2020-01-01T00:00:00.000Z' });
    await copy.upkeep.refresh();
    expect(copy.catalogue.live(id)).toBeUndefined();
    await copy.upkeep.check();
    expect(copy.catalogue.live(id)).toBeDefined();
    const { generation } = copy.catalogue;
    await copy.upkeep.check();
    expect(copy.catalogue.generation).toBe(generation);
  });

  it('reads thousands of changes page by page, also those of one instant', async () => {
    const copy = await anotherCopy();
    const updatedAt = new Date().toISOString();
    const rows = Array.from({ length: 2300 }, () => aProduct({ id: newId(), categoryId, updatedAt }));
    await t.database.transaction(async () => {
      for (let from = 0; from < rows.length; from += 500)
        await t.get(ProductRepository).insert(rows.slice(from, from + 500));
    });
    await copy.upkeep.refresh();
    expect(rows.filter(({ id }) => !copy.catalogue.live(id))).toEqual([]);
  });
});
