import { settings } from '@nakku/config';
import { z } from 'zod';

/** What the gateway reads. */
export class GatewaySettings extends settings({
  /** How long a request may take in all, its repetitions included, in milliseconds. Streams of events have no end. */
  GATEWAY_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(30_000),
}) {}
