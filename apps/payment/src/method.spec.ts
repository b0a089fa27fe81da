import { looksLikeCardNumber } from './method.js';

describe('what looks like a card number', () => {
  it.each([
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    '4111  1111 -1111 1111',
    '5500 0000 0000 000',
    '1234567890123',
    '1234567890123456789',
    'My Visa 4111 1111 1111 1111 of work',
    'tok_4111111111111111',
    '４１１１１１１１１１１１１１１１',
    '4111\u00a01111\u00a01111\u00a01111',
  ])('%s does', (text) => expect(looksLikeCardNumber(text)).toBe(true));

  it.each([
    'tok_ok',
    'pm_1N2a3b4c5d6e7f8g9h',
    'Visa •• 1111',
    '123456789012',
    '12345678901234567890',
    '+91 98450 12345',
    'expires 12/2028, card 2 of 3',
    '',
  ])('%s does not', (text) => expect(looksLikeCardNumber(text)).toBe(false));
});
