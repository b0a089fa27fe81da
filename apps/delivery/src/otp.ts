import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/** Wrong tries until the code is locked. */
export const OTP_TRIES = 5;
/** How long it is locked, in milliseconds. */
export const OTP_LOCK_MS = 60_000;

/** A one-time password of six random digits. */
export const newOtp = (): string => String(randomInt(1_000_000)).padStart(6, '0');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in a time that tells nothing of how much was right. */
export const sameOtp = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected));
