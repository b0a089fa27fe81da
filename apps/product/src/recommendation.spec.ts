import { aCatalogue } from './product.fixture.js';
import { alike } from './recommendation.js';

const catalogue = aCatalogue([
  { id: 'it', price: 1000 },
  { id: 'same brand, dearer', price: 2000 },
  { id: 'other brand, dearer', price: 2000, brand: 'Other' },
  { id: 'other brand, near', price: 1100, brand: 'Other' },
  { id: 'other shelf, same brand', price: 1000, categoryId: 'cheese' },
  { id: 'free', price: 0, categoryId: 'cheese', brand: 'Other' },
]);
const ids = (count: number) => alike(catalogue.get('it')!, catalogue.all(), count).map(({ id }) => id);

describe('what is alike', () => {
  it('is of the same shelf, then of the same brand, then near in price', () => {
    expect(ids(10)).toEqual([
      'same brand, dearer',
      'other brand, near',
      'other brand, dearer',
      'other shelf, same brand',
      'free',
    ]);
  });

  it('is no more than asked for', () => {
    expect(ids(2)).toHaveLength(2);
  });
});
