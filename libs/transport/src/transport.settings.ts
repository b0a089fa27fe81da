import { settings } from '@nakku/config';
import { z } from 'zod';

/** How events are retried. */
export class TransportSettings extends settings({
  /** How often a handler is tried before the event becomes a dead letter. */
  EVENT_MAX_TRIES: z.coerce.number().int().min(1).max(100).default(8),
  /** The wait before the second try, in milliseconds; it doubles up to 30 s, with jitter. */
  EVENT_RETRY_MS: z.coerce.number().int().min(1).max(60_000).default(100),
}) {}
