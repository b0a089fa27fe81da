import type { Catalogue } from './catalogue.js';
import type { Listed } from './product.js';

/** One choice that narrows a list: `value` is what to send in the query, `count` how many products would be left. */
export interface Facet {
  value: string;
  label: string;
  count: number;
}

export interface Facets {
  category: Facet[];
  brand: Facet[];
  price: Facet[];
}

/** Lower ends of the price bands, in paise. */
const BANDS = [0, 5000, 10_000, 20_000, 50_000, 100_000];
/** More choices than this are of no use to anybody. */
const MOST = 100;

const PRICE_BANDS = BANDS.map((from, i) => {
  const to = BANDS[i + 1];
  const range = to === undefined ? `₹${from / 100} and above` : `₹${from / 100} – ₹${(to - 1) / 100}`;
  return { value: `${from}-${to === undefined ? '' : to - 1}`, label: from === 0 ? `Under ₹${to! / 100}` : range };
});

/** Counts the products of a list by category, brand and price band. A band's value is `<minPrice>-<maxPrice>`, open at the end for the last. */
export function countFacets(
  products: readonly Listed[],
  { brands, shelfIds, tree }: Pick<Catalogue, 'brands' | 'shelfIds' | 'tree'>,
): Facets {
  const byShelf = new Uint32Array(shelfIds.size);
  const byBrand = new Uint32Array(brands.size);
  const byBand = new Uint32Array(BANDS.length);
  for (const { shelfNo, brandNo, price } of products) {
    byShelf[shelfNo]!++;
    byBrand[brandNo]!++;
    byBand[bandOf(price)]!++;
  }
  return {
    category: largest(
      byShelf,
      (no) => shelfIds.text(no),
      (id) => tree.get(id)?.name ?? id,
    ),
    brand: largest(
      byBrand,
      (no) => brands.text(no),
      (brand) => brand,
    ),
    price: PRICE_BANDS.map((band, i) => ({ ...band, count: byBand[i]! })).filter(({ count }) => count > 0),
  };
}

function bandOf(price: number): number {
  let band = 0;
  while (band + 1 < BANDS.length && price >= BANDS[band + 1]!) band++;
  return band;
}

function largest(counts: Uint32Array, value: (no: number) => string, label: (value: string) => string): Facet[] {
  const facets: Facet[] = [];
  counts.forEach((count, no) => {
    if (count > 0) facets.push({ value: value(no), label: label(value(no)), count });
  });
  return facets.sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1)).slice(0, MOST);
}
