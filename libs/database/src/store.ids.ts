import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

/** A new UUIDv7 (RFC 9562): sorts by the time it was made. */
export const newId = (): string => v7();

/** This instant, ISO 8601 in UTC to the millisecond. */
export const now = (): string => new Date().toISOString();

const SEED_TIME = Date.UTC(2026, 0, 1);

/** The id of a piece of demo data: always the same for the same key, so that domains agree on it without asking each other. */
export function seedId(key: string): string {
  const digest = createHash('sha256').update(key).digest();
  return v7({ msecs: SEED_TIME, random: digest, seq: digest.readUInt32BE(16) });
}
