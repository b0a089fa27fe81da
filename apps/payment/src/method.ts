/** 13–19 digits with anything between them that people put there. */
const CARD_NUMBER = /(?<!\d)\d(?:[\s.\-–—_/]*\d){12,18}(?!\d)/;

/** Whether a text has what may be a card number in it. Told by its looks alone: a number with a typo is one too. */
export const looksLikeCardNumber = (text: string): boolean => CARD_NUMBER.test(text.normalize('NFKC'));

/** How many payment methods a customer may keep. */
export const MAX_METHODS = 20;

/** The first slot that is free; undefined when none is. */
export const freeSlot = (taken: readonly number[]): number | undefined =>
  Array.from({ length: MAX_METHODS }, (_, i) => i + 1).find((slot) => !taken.includes(slot));
