import { settings } from '@nakku/config';
import { z } from 'zod';

const milliseconds = (byDefault: number, least: number) =>
  z.coerce.number().int().min(least).max(86_400_000).default(byDefault);

export class OrderSettings extends settings({
  /** How long an order may be pending before the saga gives it up. */
  ORDER_TIMEOUT_MS: milliseconds(300_000, 1),
  /** A stream looks into the table this often, for updates that another process wrote. */
  ORDER_STREAM_POLL_MS: milliseconds(1000, 10),
  /** A silent stream says that it lives this often. */
  ORDER_STREAM_HEARTBEAT_MS: milliseconds(15_000, 10),
  /** Open streams that one customer may have in a process. */
  ORDER_STREAMS_PER_USER: z.coerce.number().int().min(1).max(1000).default(5),
}) {}
