/** Gives each text a small number, and keeps one copy of it: every row read from the database brings its own. */
export class Names {
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  number(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  text(number: number): string {
    return this.texts[number]!;
  }

  /** The copy of a text that everybody shares. */
  shared(text: string): string {
    return this.text(this.number(text));
  }
}
