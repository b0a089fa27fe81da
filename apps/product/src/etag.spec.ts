import { expectedVersion, hasTag } from './etag.js';

describe('If-None-Match', () => {
  it.each(['"3"', 'W/"3"', '"1", "3"', '*', ' W/"2" , W/"3"'])('%s has "3"', (header) => {
    expect(hasTag(header, '"3"')).toBe(true);
  });

  it.each([undefined, '', '"33"', '3', '"1"'])('%s has not', (header) => {
    expect(hasTag(header, '"3"')).toBe(false);
  });
});

describe('If-Match', () => {
  it.each([
    ['"12"', 12],
    ['W/"12"', 12],
    ['12', 12],
    ['*', 'any'],
    [undefined, undefined],
  ])('%s expects %s', (header, expected) => {
    expect(expectedVersion(header)).toBe(expected);
  });

  it('expects a version that never was where it is not one of ours', () => {
    expect(expectedVersion('"abc"')).toBe(0);
  });
});
