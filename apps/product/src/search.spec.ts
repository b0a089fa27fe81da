import { aCatalogue, aProduct } from './product.fixture.js';

const milk = { id: 'milk', name: 'Toned Milk', description: 'Pasteurised, good for tea.' };
const chocolate = { id: 'chocolate', name: 'Milk Chocolate Bar', brand: 'Kaavya', categoryId: 'sweets', unit: '50 g' };
const cheese = {
  id: 'cheese',
  name: 'Cheese Slices',
  categoryId: 'cheese',
  unit: '200 g',
  description: 'Made of cow milk.',
};
const tomato = {
  id: 'tomato',
  name: 'Tomato Hybrid',
  brand: 'Nakku Fresh',
  categoryId: 'fruit',
  unit: '500 g',
  sku: 'VEG-TOM-500',
};
const ketchup = { id: 'ketchup', name: 'Tomato Ketchup', brand: 'Kaavya', categoryId: 'sauces', unit: '500 g' };

const catalogue = aCatalogue([milk, chocolate, cheese, tomato, ketchup]);

function found(query: string, of = catalogue): string[] {
  const { products, scores } = of.search.find(query);
  const ranked = products.map(({ id }, i) => ({ id, score: scores[i]! }));
  return ranked.sort((a, b) => b.score - a.score).map(({ id }) => id);
}

describe('search', () => {
  it('ranks the name above the description, and what is also on the right shelf first', () => {
    expect(found('milk')).toEqual(['milk', 'chocolate', 'cheese']);
  });

  it('asks for every word', () => {
    expect(found('tomato ketchup')).toEqual(['ketchup']);
    expect(found('kaavya 500g')).toEqual(['ketchup']);
  });

  it('finds by the beginning of a word', () => {
    expect(found('choc')).toEqual(['chocolate']);
    expect(found('tom ket')).toEqual(['ketchup']);
  });

  it.each([
    ['mlik', 'milk'],
    ['tomatto', 'tomato'],
    ['cheez', 'cheese'],
    ['choclate', 'chocolate'],
    ['tomatto kechup', 'ketchup'],
  ])('forgives the error in %s', (query, id) => {
    expect(found(query)[0]).toBe(id);
  });

  it('does not guess while there is something that fits', () => {
    const close = aCatalogue([
      { id: 'rice', name: 'Rice' },
      { id: 'ricotta', name: 'Dice' },
    ]);
    expect(found('rice', close)).toEqual(['rice']);
  });

  it('falls back to the names of categories, those above included', () => {
    expect(found('eggs').sort()).toEqual(['cheese', 'milk']);
    expect(found('kaavya dairy')).not.toContain('tomato');
  });

  it('falls back to some of the words, the best first', () => {
    expect(found('tomato ketchup unobtainium')[0]).toBe('ketchup');
    expect(found('tomato unobtainium').sort()).toEqual(['ketchup', 'tomato']);
  });

  it('finds by sku', () => {
    expect(found('VEG-TOM-500')).toEqual(['tomato']);
    expect(found('veg-tom')).toEqual(['tomato']);
    expect(found('veg')).toEqual([]);
  });

  it('finds nothing in nonsense', () => {
    expect(found('qwertyuiop')).toEqual([]);
    expect(found('%$ --')).toEqual([]);
  });
});

describe('the index', () => {
  it('follows a change of the text, and forgets the old one', () => {
    const changing = aCatalogue([{ id: 'a', name: 'Ghee' }, milk]);
    changing.put(aProduct({ id: 'a', name: 'Lassi', version: 2 }));
    expect(found('ghee', changing)).toEqual([]);
    expect(found('lassi', changing)).toEqual(['a']);
  });

  it('shows the present state of a product whose text has stayed', () => {
    const changing = aCatalogue([milk]);
    changing.put(aProduct({ ...milk, price: 1, version: 2 }));
    expect(changing.search.find('milk').products).toMatchObject([{ price: 1 }]);
  });

  it('forgets what was deleted', () => {
    const changing = aCatalogue([milk, cheese]);
    changing.put(aProduct({ ...milk, version: 2, deletedAt: '2026-01-02T00:00:00.000Z' }));
    expect(found('milk', changing)).toEqual(['cheese']);
  });

  it('gives a product the same score whatever else there is', () => {
    const score = (among: object[]) => {
      const { products, scores } = aCatalogue([milk, ...among]).search.find('milk');
      return scores[products.findIndex(({ id }) => id === 'milk')];
    };
    expect(score([])).toBe(score([chocolate, cheese, { name: 'Milk' }]));
  });

  it('reads a query as an earlier page did', () => {
    const growing = aCatalogue([milk]);
    const first = growing.search.find('mlik');
    growing.put(aProduct({ id: 'mlik', name: 'Mlik' }));
    expect(found('mlik', growing)).toEqual(['mlik']);
    expect(growing.search.find('mlik', first.stage).products.map(({ id }) => id)).toContain('milk');
  });
});
