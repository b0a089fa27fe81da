import { secret, settings } from '@nakku/config';
import { z } from 'zod';

export class PaymentSettings extends settings({
  /** What the provider signs its webhooks with. */
  PAYMENT_WEBHOOK_SECRET: secret({ development: 'nakku-development-webhook-secret-0000' }),
  /** How long one call to the provider may take before its outcome counts as unknown. */
  PAYMENT_PROVIDER_TIMEOUT_MS: z.coerce.number().int().min(10).max(60_000).default(3000),
  /** The sandbox settles a charge it did not answer, and tells so by webhook, after this long; 0: it leaves that to others. */
  PAYMENT_SANDBOX_WEBHOOK_MS: z.coerce.number().int().min(0).max(86_400_000).default(0),
}) {}
