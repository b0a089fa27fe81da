import { CategoryTree, requirePlace } from './category.js';
import { aShelf } from './product.fixture.js';

const tree = new CategoryTree([
  aShelf('food', 'Food'),
  aShelf('dairy', 'Dairy', 'food'),
  aShelf('milk', 'Milk & Curd', 'dairy'),
  aShelf('organic', 'Organic Milk', 'milk'),
  aShelf('home', 'Home'),
  aShelf('cleaning', 'Cleaning', 'home'),
]);
const refusal = (id: string | undefined, parentId: string | null) => {
  try {
    requirePlace(tree, id, parentId);
    return 'fine';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the category tree', () => {
  it('finds a category by id or slug', () => {
    const [shelf] = [{ id: 'id', slug: 'slug', name: 'Name', parentId: null }];
    const small = new CategoryTree([shelf]);
    expect([small.get('id'), small.get('slug'), small.get('name')]).toEqual([shelf, shelf, undefined]);
  });

  it('knows everything below a category, itself included', () => {
    expect([...tree.below('dairy')]).toEqual(['dairy', 'milk', 'organic']);
    expect([...tree.below('cleaning')]).toEqual(['cleaning']);
  });

  it('knows the way to the root', () => {
    expect(tree.path('organic').map(({ id }) => id)).toEqual(['organic', 'milk', 'dairy', 'food']);
  });

  it('tells which categories a word means, by their parents too', () => {
    expect([...tree.meanings('dairie', false).keys()]).toEqual(['dairy', 'milk', 'organic']);
    expect([...tree.meanings('curd', false)]).toEqual([
      ['milk', 1],
      ['organic', 1],
    ]);
    expect(tree.meanings('crud', false).size).toBe(0);
    expect([...tree.meanings('crud', true).keys()]).toEqual(['milk', 'organic']);
  });

  it('ends where the data has a circle', () => {
    const circle = new CategoryTree([aShelf('a', 'A', 'b'), aShelf('b', 'B', 'a')]);
    expect([...circle.below('a')]).toEqual(['a', 'b']);
    expect(circle.path('a')).toHaveLength(2);
  });
});

describe('a place in the tree', () => {
  it('may be at the top, or below a category that exists', () => {
    expect(refusal(undefined, null)).toBe('fine');
    expect(refusal(undefined, 'milk')).toBe('fine');
    expect(refusal('dairy', 'home')).toBe('fine');
    expect(refusal(undefined, 'nowhere')).toBe('CATEGORY_NOT_FOUND');
  });

  it('may not be below the category itself', () => {
    expect(refusal('dairy', 'dairy')).toBe('CATEGORY_CYCLE');
    expect(refusal('food', 'milk')).toBe('CATEGORY_CYCLE');
  });

  it('may not make more than four levels, those that move along included', () => {
    expect(refusal(undefined, 'organic')).toBe('CATEGORY_TOO_DEEP');
    expect(refusal('dairy', 'cleaning')).toBe('CATEGORY_TOO_DEEP');
    expect(refusal('milk', 'cleaning')).toBe('fine');
  });
});
