import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): sorts by the time it was made. */
export const newId = (): string => v7();

/** This instant, ISO 8601 in UTC to the millisecond. */
export const now = (): string => new Date().toISOString();

const SEED_TIME = Date.UTC(2026, 0, 1);

/** The id of a piece of demo data: always the same for the same key, so that domains agree on it without asking each other. */
export const seedId = (key: string): string =>
  v7({
    msecs: SEED_TIME,
    random: createHash('sha256').update(key).digest().subarray(0, 16),
    seq: createHash('sha1').update(key).digest().readUInt32BE(0) & 0x7fffffff,
  });
