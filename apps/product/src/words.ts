const WORD = /[\p{L}\p{M}]+|\p{N}+/gu;
const ASCII = /^[\x20-\x7e]*$/;
const ASCII_WORD = /[a-z]+|[0-9]+/g;
/** Words that say nothing about a product; a query is not asked to match them. */
const EMPTY = new Set(['a', 'an', 'and', 'for', 'in', 'of', 'or', 'the', 'to', 'with']);

/** The words of a text as they are indexed: without accents, case and plural; "500g" is "500" and "g". */
export function words(text: string): string[] {
  // Most texts are plain, and the tables of Unicode cost ten times as much.
  const found = ASCII.test(text)
    ? text.replaceAll("'", '').toLowerCase().match(ASCII_WORD)
    : text
        .normalize('NFKD')
        .replace(/[\u0300-\u036f'’]/g, '')
        .toLowerCase()
        .match(WORD);
  return found?.map(stem) ?? [];
}

/** The words of a query that a product has to match. */
export function queryWords(query: string): string[] {
  const all = [...new Set(words(query))];
  const telling = all.filter((word) => !EMPTY.has(word));
  return (telling.length > 0 ? telling : all).slice(0, 8);
}

/** One spelling for singular and plural: good enough for names of groceries, in which nobody searches for verbs. */
function stem(word: string): string {
  if (word.length < 4) return word;
  if (word.endsWith('oes')) return word.slice(0, -2);
  const one = word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
  return one.endsWith('y') && !'aeiou'.includes(one.at(-2)!) ? `${one.slice(0, -1)}ie` : one;
}
