import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config.error.js';
import { CoreSettings, DOMAINS, serviceUrls } from './core.settings.js';
import { Environment } from './environment.js';

const SECRETS = {
  NODE_ENV: 'production',
  JWT_SECRET: 'jwt-secret-of-more-than-32-characters',
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

  it('refuse production without JWT_SECRET', () => {
    expect(() => core({ ...SECRETS, JWT_SECRET: '' })).toThrow('JWT_SECRET must be set in production');
  });

  it('refuse production with the development JWT_SECRET', () => {
    expect(() => core({ ...SECRETS, JWT_SECRET: core().JWT_SECRET! })).toThrow(
      'JWT_SECRET must be a value of your own',
    );
  });

  it('refuse production with a short JWT_SECRET and do not show it', () => {
    expect(() => core({ ...SECRETS, JWT_SECRET: 'hush' })).toThrow(
      'JWT_SECRET must have at least 32 characters in production, but was set to something else (not shown)',
    );
  });

  it('count a JWT_SECRET_FILE as the JWT_SECRET, also where that stands in for another secret', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nakku-secrets-'));
    const file = join(folder, 'jwt');
    writeFileSync(file, `${SECRETS.JWT_SECRET}\n`);
    const settings = core({ NODE_ENV: 'production', JWT_SECRET_FILE: file });
    expect(settings.JWT_SECRET).toBe(SECRETS.JWT_SECRET);
    expect(settings.INTERNAL_SECRET).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  it('refuse the secret that the deployment guide prints', () => {
    const JWT_SECRET = 'super_secure_jwt_secret_for_production';
    expect(() => core({ ...SECRETS, JWT_SECRET })).toThrow('JWT_SECRET must be a value of your own');
  });

  it.each(['JWT_PRIVATE_KEY_FILE', 'JWT_PUBLIC_KEY_FILE'])(
    'accept a %s in place of the JWT secret, and then want a secret of its own for calls between services',
    (name) => {
      const raw = { ...SECRETS, JWT_SECRET: '', [name]: '/run/secrets/jwt.pem' };
      const INTERNAL_SECRET = 'internal-secret-of-more-than-32-characters';
      expect(core({ ...raw, INTERNAL_SECRET }).JWT_SECRET).toBeUndefined();
      expect(() => core(raw)).toThrow('INTERNAL_SECRET must be set in production (or JWT_SECRET), but is not set');
      expect(() => core({ ...raw, INTERNAL_SECRET: 'hush' })).toThrow('INTERNAL_SECRET must have at least 32');
    },
  );

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
    ['ORDER_SERVICE_URL', 'order:8084', 'a comma-separated list of http or https URLs without a path'],
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

  it('know where a domain answers: one origin for each copy, without a slash at the end', () => {
    const settings = core({ ORDER_SERVICE_URL: 'http://order-1:8084/, http://order-2:8084' });
    expect(serviceUrls(settings, 'order')).toEqual(['http://order-1:8084', 'http://order-2:8084']);
    expect(serviceUrls(settings, 'cart')).toEqual([]);
  });

  it.each(['ftp://order', 'order:8084', 'http://order/api', 'http://order?x=1', 'http://me@order'])(
    'refuse %s as the URL of a service',
    (url) => {
      expect(() => core({ ORDER_SERVICE_URL: url })).toThrow(
        'ORDER_SERVICE_URL must be a comma-separated list of http or https URLs without a path',
      );
    },
  );

  it('have a URL variable for every domain', () => {
    for (const domain of DOMAINS) {
      const url = `http://${domain}:8000`;
      expect(serviceUrls(core({ [`${domain.toUpperCase()}_SERVICE_URL`]: url }), domain)).toEqual([url]);
    }
  });
});
