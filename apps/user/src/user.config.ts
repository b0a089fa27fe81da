import { settings } from '@nakku/config';
import { z } from 'zod';

/** Passwords are hashed on libuv's four threads: three at once leave one for files and names. */
export class UserSettings extends settings({
  USER_HASHES_AT_ONCE: z.coerce.number().int().min(1).max(64).default(3),
  /** How many more may wait for their turn before people are asked to come back later. */
  USER_HASHES_WAITING: z.coerce.number().int().min(0).max(10_000).default(200),
}) {}
