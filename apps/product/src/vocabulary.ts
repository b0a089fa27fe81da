import SearchableMap from 'minisearch/SearchableMap';

/** Words, each with where it occurs; finds them by their beginning and with typing errors too. */
export class Vocabulary<T> {
  /** The same words twice: the tree for what is nearly the word, the map for the word itself, many times quicker. */
  private readonly tree = new SearchableMap<T>();
  private readonly map = new Map<string, T>();

  get(word: string): T | undefined {
    return this.map.get(word);
  }

  fetch(word: string, initial: () => T): T {
    const known = this.map.get(word);
    if (known !== undefined) return known;
    const value = initial();
    this.map.set(word, value);
    this.tree.set(word, value);
    return value;
  }

  delete(word: string): void {
    this.map.delete(word);
    this.tree.delete(word);
  }

  /** Everything that a typed word may mean, each with how likely that is: 1 is the word itself. The same may come twice. */
  meanings(word: string, typos: boolean): [T, number][] {
    const found = this.exact(word, 1);
    if (word.length < 2) return found;
    for (const [known, value] of this.tree.atPrefix(word)) {
      if (known !== word) found.push([value, 0.5 + (0.3 * word.length) / known.length]);
    }
    return typos ? [...found, ...this.misspelt(word)] : found;
  }

  private exact(word: string, likely: number): [T, number][] {
    const value = this.map.get(word);
    return value === undefined ? [] : [[value, likely]];
  }

  private misspelt(word: string): [T, number][] {
    const near = [...this.tree.fuzzyGet(word, maxEdits(word)).values()].filter(([, edits]) => edits > 0);
    // Two letters in the wrong order are one error of the hand, but two edits for the tree.
    const swapped = swaps(word).flatMap((other) => this.exact(other, 0.5));
    return [...near.map(([value, edits]): [T, number] => [value, 0.5 / edits]), ...swapped];
  }
}

function maxEdits(word: string): number {
  if (word.length < 3 || /\d/.test(word)) return 0;
  return word.length < 5 ? 1 : 2;
}

function swaps(word: string): string[] {
  if (word.length < 3) return [];
  return Array.from(
    { length: word.length - 1 },
    (_, i) => word.slice(0, i) + word[i + 1]! + word[i]! + word.slice(i + 2),
  );
}
