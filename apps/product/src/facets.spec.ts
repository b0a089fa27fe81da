import { countFacets } from './facets.js';
import { aCatalogue } from './product.fixture.js';

const catalogue = aCatalogue([
  { price: 0, brand: 'Zed' },
  { price: 4999, brand: 'Zed', categoryId: 'cheese' },
  { price: 5000, brand: 'Abc' },
  { price: 9999, brand: 'Abc' },
  { price: 100_000, brand: 'Only', categoryId: 'nowhere' },
]);

describe('facets', () => {
  const facets = countFacets(catalogue.all(), catalogue);

  it('count by category, with its name', () => {
    expect(facets.category).toEqual([
      { value: 'milk', label: 'Milk & Curd', count: 3 },
      { value: 'cheese', label: 'Cheese', count: 1 },
      { value: 'nowhere', label: 'nowhere', count: 1 },
    ]);
  });

  it('count by brand, the largest first and else by name', () => {
    expect(facets.brand.map(({ value, count }) => [value, count])).toEqual([
      ['Abc', 2],
      ['Zed', 2],
      ['Only', 1],
    ]);
  });

  it('count by price band, from the cheapest on', () => {
    expect(facets.price).toEqual([
      { value: '0-4999', label: 'Under ₹50', count: 2 },
      { value: '5000-9999', label: '₹50 – ₹99.99', count: 2 },
      { value: '100000-', label: '₹1000 and above', count: 1 },
    ]);
  });

  it('count only what is in the list', () => {
    const one = countFacets(catalogue.all().slice(0, 1), catalogue);
    expect([one.category, one.brand, one.price].map((each) => each.length)).toEqual([1, 1, 1]);
  });

  it('offer at most a hundred choices', () => {
    const many = aCatalogue(Array.from({ length: 120 }, (_, i) => ({ brand: `Brand ${i}` })));
    expect(countFacets(many.all(), many).brand).toHaveLength(100);
  });

  it('are empty for nothing', () => {
    expect(countFacets([], catalogue)).toEqual({ category: [], brand: [], price: [] });
  });
});
