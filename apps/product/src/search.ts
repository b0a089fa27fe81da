import { erase, FIELD_BITS, fieldsOf, insert, numberOf, type Postings } from './postings.js';
import type { Listed } from './product.js';
import { Tally } from './tally.js';
import { Vocabulary } from './vocabulary.js';
import { queryWords, words } from './words.js';

const NAME = 1;
const BRAND = 2;
const UNIT = 4;
const DESCRIPTION = 8;
const SKU = 16;
/** What a match is worth by the fields that it is in. */
const WORTH = Float64Array.from({ length: 1 << FIELD_BITS }, (_, fields) =>
  [
    [NAME, 4],
    [BRAND, 2],
    [UNIT, 1],
    [DESCRIPTION, 1],
    [SKU, 8],
  ].reduce((sum, [bit, worth]) => sum + (fields & bit! ? worth! : 0), 0),
);
const CATEGORY_WORTH = 1.5;

interface Stage {
  /** The name of a category counts as a match, not only as a bonus. */
  category: boolean;
  typos: boolean;
  every: boolean;
}

/** How a query is understood: each one is tried when those before it find nothing. */
const STAGES: readonly Stage[] = [
  { category: false, typos: false, every: true },
  { category: true, typos: false, every: true },
  { category: true, typos: true, every: true },
  { category: true, typos: true, every: false },
];
/** A query that looks like a sku is tried as one first. */
const SKU_STAGE = STAGES.length;
const SKU_LIKE = /^[\w.]+(-[\w.]+)+$/;
export const LAST_STAGE = SKU_STAGE;

/** Which categories a word means, and what is in them. */
export interface Shelves {
  meanings(word: string, typos: boolean): ReadonlyMap<string, number>;
  on(categoryId: string): Iterable<Listed>;
}

/** What a query found, in no order; `scores[i]` is that of `products[i]`. */
export interface Hits {
  /** Which reading of the query found them; the next page has to be read in the same way. */
  stage: number;
  products: Listed[];
  scores: number[];
}

/**
 * Full-text index of the live products. A score depends on the product and the query alone, and not on what else there is:
 * a cursor over scores then stays right while products come and go.
 */
export class SearchIndex {
  private readonly vocabulary = new Vocabulary<Postings>();
  private readonly products: (Listed | undefined)[] = [];
  private readonly tally = new Tally();

  constructor(private readonly shelves: Shelves) {}

  /** Adds a product, or replaces the one of its number. */
  put(product: Listed): void {
    const old = this.products[product.no];
    this.products[product.no] = product;
    if (old && sameText(old, product)) return;
    if (old) this.unlink(old);
    for (const [word, fields] of fieldsByWord(product))
      insert(this.vocabulary.fetch(word, noPostings), product.no, fields);
  }

  remove({ no }: Listed): void {
    const old = this.products[no];
    this.products[no] = undefined;
    if (old) this.unlink(old);
  }

  /** The products that match. `stage` is that of an earlier page; without one the first stage that finds something counts. */
  find(query: string, stage?: number): Hits {
    if (stage !== undefined) return this.read(query, stage);
    const stages = [...(SKU_LIKE.test(query) ? [SKU_STAGE] : []), ...STAGES.keys()];
    for (const each of stages) {
      const hits = this.read(query, each);
      if (hits.products.length > 0) return hits;
    }
    return { stage: 0, products: [], scores: [] };
  }

  private read(query: string, stage: number): Hits {
    const rule = STAGES[stage] ?? STAGES[0]!;
    const all = stage === SKU_STAGE ? [skuWord(query)] : queryWords(query);
    const hits: Hits = { stage, products: [], scores: [] };
    this.tally.reserve(this.products.length);
    for (const word of all) this.score(word, rule);
    this.tally.finish(rule.every ? all.length : 1, (no, score) => {
      const product = this.products[no]!;
      hits.products.push(product);
      // Of two names that match, the shorter one is the more about what was asked for.
      hits.scores.push(score * (1 + 4 / (10 + product.name.length)));
    });
    return hits;
  }

  private score(word: string, { category, typos }: Stage): void {
    for (const [postings, likely] of this.vocabulary.meanings(word, typos)) {
      for (const posting of postings) this.tally.match(numberOf(posting), WORTH[fieldsOf(posting)]! * likely);
    }
    for (const [id, likely] of this.shelves.meanings(word, typos)) {
      for (const { no } of this.shelves.on(id)) this.tally.add(no, CATEGORY_WORTH * likely, category);
    }
    this.tally.next();
  }

  private unlink(product: Listed): void {
    for (const word of fieldsByWord(product).keys()) {
      const postings = this.vocabulary.get(word);
      if (!postings) continue;
      erase(postings, product.no);
      if (postings.length === 0) this.vocabulary.delete(word);
    }
  }
}

const noPostings = (): Postings => [];

/** No word of a text begins with a hash: a sku is not found by a piece of it. */
const skuWord = (sku: string): string => `#${sku.toLowerCase()}`;

function fieldsByWord(product: Listed): Map<string, number> {
  const fields = new Map([[skuWord(product.sku), SKU]]);
  const add = (text: string, bit: number) => {
    for (const word of words(text)) fields.set(word, (fields.get(word) ?? 0) | bit);
  };
  add(product.name, NAME);
  add(product.brand, BRAND);
  add(product.unit, UNIT);
  add(product.description, DESCRIPTION);
  return fields;
}

const sameText = (a: Listed, b: Listed): boolean =>
  a.name === b.name && a.brand === b.brand && a.unit === b.unit && a.description === b.description && a.sku === b.sku;
