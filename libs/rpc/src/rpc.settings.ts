import { settings } from '@nakku/config';
import { z } from 'zod';

/** How domains call each other. */
export class RpcSettings extends settings({
  /** `auto`: a method call where both live in one process. `http`: always over HTTP, as if they didn't. */
  RPC_MODE: z.enum(['auto', 'http']).default('auto'),
  /** `on` makes every idempotent call twice: a test of that promise. Only with RPC_MODE=http. */
  RPC_DOUBLE: z.enum(['on', 'off']).default('off'),
  /** How long one call may take, in milliseconds. */
  RPC_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(5000),
}) {}
