/** The scores of one query, by the number of the product. Numbers are dense: arrays that are used again are far quicker than maps. */
export class Tally {
  private word = new Float64Array(0);
  private total = new Float64Array(0);
  private matched = new Uint8Array(0);
  private touched: number[] = [];
  private met: number[] = [];

  /** Makes room for products with numbers below `size`. */
  reserve(size: number): void {
    if (size <= this.word.length) return;
    const room = Math.ceil(size * 1.5);
    [this.word, this.total, this.matched] = [new Float64Array(room), new Float64Array(room), new Uint8Array(room)];
  }

  /** The word matches a product: the best of its matches counts. */
  match(no: number, score: number): void {
    if (this.word[no] === 0) this.touched.push(no);
    if (score > this.word[no]!) this.word[no] = score;
  }

  /** Adds to the product's score for this word; if the word does not match it yet, only with `also`. */
  add(no: number, bonus: number, also: boolean): void {
    if (this.word[no] === 0) {
      if (!also) return;
      this.touched.push(no);
    }
    this.word[no]! += bonus;
  }

  /** Closes a word and begins the next one. */
  next(): void {
    for (const no of this.touched) {
      if (this.matched[no]!++ === 0) this.met.push(no);
      this.total[no]! += this.word[no]!;
      this.word[no] = 0;
    }
    this.touched = [];
  }

  /** Tells the products that at least `words` words match, each with its score, and is empty then. */
  finish(words: number, tell: (no: number, score: number) => void): void {
    for (const no of this.met) {
      if (this.matched[no]! >= words) tell(no, this.total[no]!);
      this.total[no] = 0;
      this.matched[no] = 0;
    }
    this.met = [];
  }
}
