import { Tally } from './tally.js';

describe('a tally', () => {
  const tally = new Tally();
  tally.reserve(10);
  const results = (words: number) => {
    const found: Record<number, number> = {};
    tally.finish(words, (no, score) => (found[no] = score));
    return found;
  };

  it('counts the best match of a word, and adds the words up', () => {
    tally.match(1, 2);
    tally.match(1, 5);
    tally.match(1, 3);
    tally.next();
    tally.match(1, 1);
    tally.next();
    expect(results(2)).toEqual({ 1: 6 });
  });

  it('leaves out what not enough words match', () => {
    tally.match(1, 1);
    tally.match(2, 1);
    tally.next();
    tally.match(2, 1);
    tally.next();
    expect(results(2)).toEqual({ 2: 2 });
  });

  it('gives a bonus to what matches anyway, and to others if asked to', () => {
    tally.match(1, 1);
    tally.add(1, 0.5, false);
    tally.add(2, 0.5, false);
    tally.add(3, 0.5, true);
    tally.next();
    expect(results(1)).toEqual({ 1: 1.5, 3: 0.5 });
  });

  it('is empty after each query, also when it has grown', () => {
    tally.match(9, 1);
    tally.next();
    expect(results(1)).toEqual({ 9: 1 });
    tally.reserve(1000);
    tally.match(999, 1);
    tally.next();
    expect(results(1)).toEqual({ 999: 1 });
    expect(results(0)).toEqual({});
  });
});
