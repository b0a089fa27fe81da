/** The low bits of a posting say in which fields a word occurs. */
export const FIELD_BITS = 5;
const FIELDS = (1 << FIELD_BITS) - 1;

/** Where a word occurs: number of the product and fields in one small integer, ascending. A hundred thousand products fit like this. */
export type Postings = number[];

export const numberOf = (posting: number): number => posting >> FIELD_BITS;
export const fieldsOf = (posting: number): number => posting & FIELDS;

/** Adds a product that is not in the list yet. */
export function insert(postings: Postings, no: number, fields: number): void {
  const posting = (no << FIELD_BITS) | fields;
  // New products have the highest number: most are simply put at the end.
  if (postings.length === 0 || postings.at(-1)! < posting) postings.push(posting);
  else postings.splice(position(postings, posting), 0, posting);
}

/** Takes a product out, if it is there. */
export function erase(postings: Postings, no: number): void {
  const at = position(postings, no << FIELD_BITS);
  if (at < postings.length && numberOf(postings[at]!) === no) postings.splice(at, 1);
}

/** Where the first posting is that is not below this one. */
function position(postings: Postings, posting: number): number {
  let low = 0;
  let high = postings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (postings[middle]! < posting) low = middle + 1;
    else high = middle;
  }
  return low;
}
