import { aCatalogue, aProduct, aShelf } from './product.fixture.js';

const DELETED = { deletedAt: '2026-01-02T00:00:00.000Z' };

describe('the catalogue', () => {
  it('ignores what is older than what it knows', () => {
    const catalogue = aCatalogue([{ id: 'a', version: 3, price: 3 }]);
    catalogue.put(aProduct({ id: 'a', version: 2, price: 2 }));
    catalogue.put(aProduct({ id: 'a', version: 3, price: 9 }));
    expect(catalogue.get('a')).toMatchObject({ version: 3, price: 3 });
  });

  it('knows a deleted product, and lists it nowhere', () => {
    const catalogue = aCatalogue([{ id: 'a' }, { id: 'b' }]);
    catalogue.put(aProduct({ id: 'a', version: 2, ...DELETED }));
    expect(catalogue.get('a')).toMatchObject(DELETED);
    expect(catalogue.live('a')).toBeUndefined();
    expect(catalogue.all().map(({ id }) => id)).toEqual(['b']);
    expect(catalogue.count('milk')).toBe(1);
    expect(catalogue.size).toBe(2);
  });

  it('may learn of a product only when it is deleted already', () => {
    const catalogue = aCatalogue([{ id: 'a', ...DELETED }]);
    expect([catalogue.all(), catalogue.size]).toEqual([[], 1]);
  });

  it('moves a product from shelf to shelf', () => {
    const catalogue = aCatalogue([{ id: 'a' }]);
    catalogue.put(aProduct({ id: 'a', version: 2, categoryId: 'fruit' }));
    expect([catalogue.count('milk'), catalogue.count('fruit')]).toEqual([0, 1]);
  });

  it('counts a category with those below it', () => {
    const catalogue = aCatalogue([{}, { categoryId: 'cheese' }, { categoryId: 'dairy' }, { categoryId: 'fruit' }]);
    expect(catalogue.count('dairy')).toBe(3);
  });

  it('has a new generation after every change', () => {
    const catalogue = aCatalogue([{ id: 'a' }]);
    const before = catalogue.generation;
    catalogue.put(aProduct({ id: 'a' }));
    expect(catalogue.generation).toBe(before);
    catalogue.put(aProduct({ id: 'a', version: 2 }));
    catalogue.arrange([aShelf('milk', 'Milk')]);
    expect(catalogue.generation).toBe(before + 2);
  });

  it('adds up the versions of everything it knows', () => {
    const catalogue = aCatalogue([{ id: 'a', version: 3 }, { id: 'b' }]);
    catalogue.put(aProduct({ id: 'a', version: 5, ...DELETED }));
    expect(catalogue.versions).toBe(6);
  });
});
