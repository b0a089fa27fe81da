import MiniSearch, { type SearchOptions } from 'minisearch';
import { type LatLng, metersBetween } from './distance.js';
import type { Place } from './place.entity.js';

/** What can be told of an address in words. */
export interface AddressText {
  line1: string;
  line2?: string;
  city: string;
  postalCode: string;
  country: string;
}

/** A place with how well it fits what was looked for. */
export interface Hit {
  place: Place;
  score: number;
}

interface Entry {
  place: Place;
  words: string[];
}

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/** The city's old name is still what half of the people write. */
const RENAMED: Record<string, string> = { bangalore: 'bengaluru' };

const isNumber = (term: string): boolean => /^\d+$/.test(term);
/** A letter may be wrong in five, a digit never: the next postal code is another place. */
const LENIENT: SearchOptions = { fuzzy: (term) => (isNumber(term) ? false : 0.2), boost: { name: 3, postalCode: 3 } };

/** Whether two names are of one city. */
export function isSameCity(a: string, b: string): boolean {
  const [one, other] = [a, b].map((name) => name.trim().toLowerCase());
  return (RENAMED[one!] ?? one) === (RENAMED[other!] ?? other);
}

/** All known places in memory, to be found by name, postal code or position. */
export class Gazetteer {
  private readonly index = new MiniSearch<Place>({
    idField: 'position',
    fields: ['name', 'postalCode', 'city'],
    tokenize: wordsOf,
  });
  private readonly byPosition: ReadonlyMap<unknown, Entry>;

  constructor(private readonly places: readonly Place[]) {
    this.byPosition = new Map(places.map((place) => [place.position, { place, words: wordsOf(place.name) }]));
    this.index.addAll(places);
  }

  /** The best first. Typing errors are forgiven, and the last word need not be finished. */
  search(text: string, limit: number): Hit[] {
    const prefix = (_: string, i: number, terms: string[]) => i === terms.length - 1;
    return this.index
      .search(text, { ...LENIENT, prefix })
      .slice(0, limit)
      .map(({ id, score }) => ({ place: this.byPosition.get(id)!.place, score }));
  }

  /** The place nearest to a point, if there is one within `meters`. */
  nearest(point: LatLng, meters: number): { place: Place; meters: number } | undefined {
    let best: { place: Place; meters: number } | undefined;
    for (const place of this.places) {
      const away = metersBetween(point, place);
      if (away <= (best?.meters ?? meters)) best = { place, meters: away };
    }
    return best;
  }

  withPostalCode(postalCode: string, country: string): Place[] {
    const code = postalCode.replaceAll(/\s/g, '');
    return this.places.filter((place) => place.postalCode === code && place.country === country);
  }

  /** Where an address is: the place that it names among those of its postal code, else the first of these, else one that it names in its city. */
  locate(address: AddressText): Place | undefined {
    const around = this.withPostalCode(address.postalCode, address.country);
    const named = this.namedIn(`${address.line1} ${address.line2 ?? ''}`);
    if (around.length > 0) return named.find((place) => around.includes(place)) ?? around[0];
    return named.find((place) => place.country === address.country && isSameCity(place.city, address.city));
  }

  /** The places whose whole names are in a text, those with the longest names first. */
  private namedIn(text: string): Place[] {
    return this.index
      .search(text, { ...LENIENT, fields: ['name'] })
      .map(({ id, terms }) => ({ ...this.byPosition.get(id)!, terms }))
      .filter(({ words, terms }) => words.every((word) => terms.includes(word)))
      .sort((a, b) => b.words.length - a.words.length)
      .map(({ place }) => place);
  }
}
