import { Vocabulary } from './vocabulary.js';

describe('a vocabulary', () => {
  const vocabulary = new Vocabulary<string>();
  for (const word of ['milk', 'milkshake', 'mint', 'tomato', 'chocolate', 'tea', '500', '5000'])
    vocabulary.fetch(word, () => word);

  const meanings = (word: string, typos = false) =>
    [...vocabulary.meanings(word, typos)].sort((a, b) => b[1] - a[1]).map(([value]) => value);

  it('knows the word itself first, and then what begins with it', () => {
    expect(meanings('milk')).toEqual(['milk', 'milkshake']);
  });

  it('takes a longer beginning for the likelier one', () => {
    const likely = (word: string) => vocabulary.meanings(word, false)[0]![1];
    expect(likely('chocol')).toBeGreaterThan(likely('ch'));
    expect(likely('chocolate')).toBe(1);
  });

  it('takes a single letter for a word and not for a beginning', () => {
    expect(meanings('m')).toEqual([]);
  });

  it.each([
    ['mlik', 'milk'],
    ['imlk', 'milk'],
    ['milj', 'milk'],
    ['tomatto', 'tomato'],
    ['choclate', 'chocolate'],
    ['chcolatte', 'chocolate'],
  ])('understands %s as %s', (typed, meant) => {
    expect(meanings(typed)).toEqual([]);
    expect(meanings(typed, true)).toContain(meant);
  });

  it('does not take one number for another', () => {
    expect(meanings('501', true)).toEqual([]);
  });

  it('forgets a word', () => {
    const short = new Vocabulary<number>();
    short.fetch('ghee', () => 1);
    short.delete('ghee');
    expect(short.get('ghee')).toBeUndefined();
    expect(short.meanings('gh', false)).toEqual([]);
  });

  it('gives what was put under a word, once', () => {
    expect(vocabulary.fetch('tea', () => 'other')).toBe('tea');
  });
});
