import { secret, settings } from '@nakku/config';
import { z } from 'zod';

/** How services that run elsewhere are found, where no `<NAME>_SERVICE_URL` says so. */
export class DiscoverySettings extends settings({
  /** The Consul agent that knows the healthy copies of each service, by the name `<domain>-service`. */
  CONSUL_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('an http or https URL'),
  /** What Consul asks for where it has access control. */
  CONSUL_TOKEN: secret().optional(),
  /** How often a host name is looked up again, in milliseconds. */
  DISCOVERY_REFRESH_MS: z.coerce.number().int().min(50).max(600_000).default(5000),
}) {}
