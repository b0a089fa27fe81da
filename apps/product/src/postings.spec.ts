import { erase, fieldsOf, insert, numberOf, type Postings } from './postings.js';

describe('postings', () => {
  const made = (...numbers: number[]): Postings => {
    const postings: Postings = [];
    for (const no of numbers) insert(postings, no, no % 31);
    return postings;
  };

  it('are in the order of the numbers, in whichever order they came', () => {
    expect(made(7, 2, 100_000, 3, 0).map(numberOf)).toEqual([0, 2, 3, 7, 100_000]);
  });

  it('know the fields of each', () => {
    expect(made(9, 40).map(fieldsOf)).toEqual([9, 9]);
  });

  it('lose the one that is taken out, and no other', () => {
    const postings = made(1, 2, 3);
    erase(postings, 2);
    erase(postings, 5);
    erase(postings, 0);
    expect(postings.map(numberOf)).toEqual([1, 3]);
  });
});
