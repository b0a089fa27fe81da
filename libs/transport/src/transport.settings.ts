import { settings } from '@nakku/config';
import { z } from 'zod';

/** How events are retried. */
export class TransportSettings extends settings({
  /** How often a handler is tried before the event becomes a dead letter. */
  EVENT_MAX_TRIES: z.coerce.number().int().min(1).max(100).default(8),
  /** The wait before the second try, in milliseconds; it doubles up to 30 s, with jitter. */
  EVENT_RETRY_MS: z.coerce.number().int().min(1).max(60_000).default(100),
  /** How many events a domain handles at once where its database is a server: less than its pool, so that requests find a connection. */
  EVENT_CONCURRENCY: z.coerce.number().int().min(1).max(1000).default(6),
  /** Where several processes share a database: after how long without a sign of life, in milliseconds, a process's unsent events go to another. */
  EVENT_TAKEOVER_MS: z.coerce.number().int().min(500).max(600_000).default(10_000),
}) {}
