import { ConfigError } from './config.error.js';
import { CoreSettings, DOMAINS, serviceUrl } from './core.settings.js';
import { Environment } from './environment.js';

const SECRETS = {
  NODE_ENV: 'production',
  JWT_SECRET: 'jwt-secret-of-more-than-32-characters',
  PAYMENT_WEBHOOK_SECRET: 'webhook-secret-of-more-than-32-characters',
};

const core = (raw: Record<string, string> = {}) => new Environment(raw).get(CoreSettings);

describe('CoreSettings', () => {
  it('start a developer without any variable', () => {
    expect(core()).toMatchObject({
      NODE_ENV: 'development',
      HOST: '0.0.0.0',
      DATA_DIR: './data',
      TOPOLOGY: 'single-server',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
      RATE_LIMITS: 'on',
      NAKKU_SEED: 'demo',
      SHUTDOWN_GRACE_MS: 25_000,
      TRUSTED_PROXIES: [],
      CORS_ORIGINS: [],
    });
    expect(core().PORT).toBeUndefined();
    expect(core().SERVICES).toBeUndefined();
    expect(core().JWT_SECRET).toEqual(expect.any(String));
  });

  it('start production with secrets of its own, without demo data and with rate limits', () => {
    expect(core(SECRETS)).toMatchObject({ ...SECRETS, NAKKU_SEED: 'none', RATE_LIMITS: 'on' });
  });

  it.each(['JWT_SECRET', 'PAYMENT_WEBHOOK_SECRET'])('refuse production without %s', (name) => {
    expect(() => core({ ...SECRETS, [name]: '' })).toThrow(`${name} must be set in production`);
  });

  it.each(['JWT_SECRET', 'PAYMENT_WEBHOOK_SECRET'] as const)('refuse production with the development %s', (name) => {
    expect(() => core({ ...SECRETS, [name]: core()[name] ?? '' })).toThrow(`${name} must be a value of your own`);
  });

  it.each(['JWT_SECRET', 'PAYMENT_WEBHOOK_SECRET'])('refuse production with a short %s and do not show it', (name) => {
    expect(() => core({ ...SECRETS, [name]: 'hush' })).toThrow(
      `${name} must have at least 32 characters in production, but was set to something else (not shown)`,
    );
  });

  it('refuse the secret that the deployment guide prints', () => {
    const JWT_SECRET = 'super_secure_jwt_secret_for_production';
    expect(() => core({ ...SECRETS, JWT_SECRET })).toThrow('JWT_SECRET must be a value of your own');
  });

  it('accept a private key file in place of the JWT secret, and then have no secret at all', () => {
    const { JWT_SECRET } = core({ ...SECRETS, JWT_SECRET: '', JWT_PRIVATE_KEY_FILE: '/run/secrets/jwt.pem' });
    expect(JWT_SECRET).toBeUndefined();
  });

  it('refuse demo data in production', () => {
    expect(() => core({ ...SECRETS, NAKKU_SEED: 'demo' })).toThrow('NAKKU_SEED must not be "demo" in production');
  });

  it('allow to lift the rate limits outside production only', () => {
    expect(core({ RATE_LIMITS: 'off' }).RATE_LIMITS).toBe('off');
    expect(() => core({ ...SECRETS, RATE_LIMITS: 'off' })).toThrow('RATE_LIMITS must not be "off" in production');
  });

  it.each([
    ['PORT', 'abc', 'an integer from 0 to 65535'],
    ['PORT', '65536', 'an integer from 0 to 65535'],
    ['PORT', '80.5', 'an integer from 0 to 65535'],
    ['LOG_LEVEL', 'loud', 'fatal or error or warn or info or debug or trace or silent'],
    ['RATE_LIMITS', 'maybe', 'on or off'],
    ['ORDER_SERVICE_URL', 'order:8084', 'an http or https URL'],
    ['TRUSTED_PROXIES', '10.0.0.0/40', 'a comma-separated list of addresses or CIDR ranges'],
    ['TRUSTED_PROXIES', '::1/128,proxy', 'a comma-separated list of addresses or CIDR ranges'],
    ['CORS_ORIGINS', 'https://a.test/path', 'a comma-separated list of origins such as https://shop.example'],
  ])('refuse %s=%s and say what it may be', (name, value, expected) => {
    expect(() => core({ [name]: value })).toThrow(`${name} must be ${expected}, but was "${value}"`);
  });

  it('have one line for each of many mistakes', () => {
    const attempt = () => core({ PORT: 'x', LOG_FORMAT: 'xml', NODE_ENV: 'staging' });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/^NODE_ENV .*\nPORT .*\nLOG_FORMAT .*$/);
  });

  it('accept port 0, lists, networks and origins', () => {
    const raw = {
      PORT: '0',
      SERVICES: 'user, cart',
      TRUSTED_PROXIES: '10.0.0.0/8,::1,fd00::/8',
      CORS_ORIGINS: 'https://a.test,http://localhost:3000',
    };
    expect(core(raw)).toMatchObject({
      PORT: 0,
      SERVICES: ['user', 'cart'],
      TRUSTED_PROXIES: ['10.0.0.0/8', '::1', 'fd00::/8'],
      CORS_ORIGINS: ['https://a.test', 'http://localhost:3000'],
    });
  });

  it('know where a domain answers, without a slash at the end', () => {
    const settings = core({ ORDER_SERVICE_URL: 'http://order:8084/' });
    expect(serviceUrl(settings, 'order')).toBe('http://order:8084');
    expect(serviceUrl(settings, 'cart')).toBeUndefined();
  });

  it('have a URL variable for every domain', () => {
    for (const domain of DOMAINS) {
      const url = `http://${domain}:80`;
      expect(serviceUrl(core({ [`${domain.toUpperCase()}_SERVICE_URL`]: url }), domain)).toBe(url);
    }
  });
});
