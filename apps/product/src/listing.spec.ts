import { aCatalogue } from './product.fixture.js';
import { firstAfter, type Place, type Selection, type Sort, SORTS } from './listing.js';

const prices = [500, 100, 300, 100, 900, 100, 300];
const catalogue = aCatalogue(
  prices.map((price, i) => ({
    id: `id-${i}`,
    price,
    name: `${'cBA'[i % 3]}`,
    createdAt: `2026-01-0${(i % 4) + 1}T00:00:00.000Z`,
  })),
);
const all = (): Selection => ({
  products: catalogue.all(),
  scores: catalogue.all().map(({ price }) => (price % 7) / 10),
});
const ids = (sort: Sort, after?: Place, count = 100) =>
  firstAfter(all(), sort, after, count).map(({ id }) => Number(id.slice(3)));

describe('an order', () => {
  it('by price has the id as its second word', () => {
    expect(ids('price')).toEqual([1, 3, 5, 2, 6, 0, 4]);
  });

  it('by falling price is the exact reverse', () => {
    expect(ids('-price')).toEqual(ids('price').reverse());
  });

  it('by name does not tell the cases apart', () => {
    expect(ids('name')).toEqual([2, 5, 1, 4, 0, 3, 6]);
  });

  it('by age has the newest first', () => {
    expect(ids('newest')).toEqual([3, 6, 2, 5, 1, 4, 0]);
  });

  it('by relevance has the highest score first', () => {
    const scores = firstAfter(all(), 'relevance', undefined, 100).map(({ value }) => value as number);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBeGreaterThan(2);
  });
});

describe('a page', () => {
  it('has no more than was asked for, and the first of them', () => {
    expect(ids('price', undefined, 3)).toEqual([1, 3, 5]);
  });

  it.each(SORTS)('goes on exactly after the last one, by %s', (sort) => {
    const whole = ids(sort);
    const walked: number[] = [];
    for (let after: Place | undefined; ;) {
      const rows = firstAfter(all(), sort, after, 2);
      if (rows.length === 0) break;
      walked.push(...rows.map(({ id }) => Number(id.slice(3))));
      after = rows.at(-1);
    }
    expect(walked).toEqual(whole);
  });

  it('goes on after a place whose product is gone', () => {
    expect(ids('price', { value: 200, id: 'gone' })).toEqual([2, 6, 0, 4]);
  });

  it('is the same whatever order the products are kept in', () => {
    const products = catalogue.all();
    const reversed = { products: [...products].reverse(), scores: [] };
    expect(firstAfter(reversed, 'name', undefined, 3)).toEqual(
      firstAfter({ products, scores: [] }, 'name', undefined, 3),
    );
  });

  it('is empty where there is nothing', () => {
    expect(firstAfter({ products: [], scores: [] }, 'price', undefined, 20)).toEqual([]);
  });
});
