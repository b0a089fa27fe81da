import { createHash, randomBytes } from 'node:crypto';

export const REFRESH_TOKEN_MS = 30 * 24 * 3600_000;
export const RESET_TOKEN_MS = 30 * 60_000;

/** 256 random bits that a client may hold; only `tokenHash` of it is ever stored. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Without a salt or stretching: 256 random bits cannot be guessed back. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

export const later = (ms: number): string => new Date(Date.now() + ms).toISOString();
