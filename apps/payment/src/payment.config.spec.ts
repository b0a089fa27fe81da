import { Environment } from '@nakku/config';
import { PaymentSettings } from './payment.config.js';

describe('the secret of webhooks', () => {
  const settings = (raw: Record<string, string>) => new Environment(raw).get(PaymentSettings);
  const development = settings({}).PAYMENT_WEBHOOK_SECRET;

  it.each([
    ['', 'PAYMENT_WEBHOOK_SECRET must be set in production'],
    [development, 'PAYMENT_WEBHOOK_SECRET must be a value of your own'],
    ['hush', 'PAYMENT_WEBHOOK_SECRET must have at least 32 characters in production'],
  ])('must be one of your own in production: %j is refused', (PAYMENT_WEBHOOK_SECRET, why) => {
    expect(() => settings({ NODE_ENV: 'production', PAYMENT_WEBHOOK_SECRET })).toThrow(why);
  });
});
