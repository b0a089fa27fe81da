import { queryWords, words } from './words.js';

describe('words', () => {
  it('are in lower case, without accents and punctuation', () => {
    expect(words('Crème Fraîche, 30% Fat')).toEqual(['creme', 'fraiche', '30', 'fat']);
  });

  it('keep numbers and units apart, however they were written', () => {
    expect(words('500g')).toEqual(words('500 g'));
  });

  it.each([
    ['egg', 'eggs'],
    ['tomato', 'Tomatoes'],
    ['berry', 'berries'],
    ['cookie', 'cookies'],
    ["lady's", 'ladies'],
  ])('are one for %s and %s', (one, many) => {
    expect(words(one)).toEqual(words(many));
  });

  it('leave short words and double s alone', () => {
    expect(words('gas glass')).toEqual(['gas', 'glass']);
  });

  it('may be of any script', () => {
    expect(words('दूध 1 लीटर')).toEqual(['दूध', '1', 'लीटर']);
  });

  it('are none in a text of signs', () => {
    expect(words('!? …')).toEqual([]);
  });
});

describe('the words of a query', () => {
  it('leave out those that say nothing', () => {
    expect(queryWords('bread and butter')).toEqual(['bread', 'butter']);
  });

  it('are asked for once', () => {
    expect(queryWords('milk Milk')).toEqual(['milk']);
  });

  it('say nothing if that is all there is', () => {
    expect(queryWords('the and')).toEqual(['the', 'and']);
  });

  it('are at most eight', () => {
    expect(queryWords('one two three four five six seven eight nine')).toHaveLength(8);
  });
});
