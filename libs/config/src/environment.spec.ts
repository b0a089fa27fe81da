import { z } from 'zod';
import { ConfigError } from './config.error.js';
import { Environment } from './environment.js';
import { list, settings } from './settings.js';
import { byEnvironment, secret } from './variable.js';

class Shop extends settings({
  SHOP_RETRIES: z.coerce.number().int().min(0).max(9).default(3),
  SHOP_NAME: z.string().optional(),
  SHOP_COLORS: list('colours').optional(),
  SHOP_KEY: secret({ development: 'shop-development-key' }),
  SHOP_PIN: secret().optional(),
  SHOP_URL: z.url().optional(),
}) {
  get shouted(): string {
    return (this.SHOP_NAME ?? 'nobody').toUpperCase();
  }
}

const LONG = 'a-secret-of-more-than-thirty-two-characters';

function sentences(raw: Record<string, string>, type: Parameters<Environment['check']>[0][number] = Shop): string[] {
  try {
    new Environment(raw).get(type);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('Environment', () => {
  it('parses the variables of a settings class and fills in the defaults', () => {
    const shop = new Environment({ SHOP_NAME: 'corner', SHOP_COLORS: 'red, green,,' }).get(Shop);

    expect(shop).toMatchObject({ SHOP_NAME: 'corner', SHOP_RETRIES: 3, SHOP_COLORS: ['red', 'green'] });
    expect(shop.SHOP_PIN).toBeUndefined();
  });

  it('gives instances of the class, with its own methods', () => {
    const shop = new Environment({ SHOP_NAME: 'corner' }).get(Shop);

    expect(shop).toBeInstanceOf(Shop);
    expect(shop.shouted).toBe('CORNER');
  });

  it('parses once and gives the same frozen object again', () => {
    const environment = new Environment({});

    expect(environment.get(Shop)).toBe(environment.get(Shop));
    expect(() => Object.assign(environment.get(Shop), { SHOP_NAME: 'other' })).toThrow(TypeError);
  });

  it.each(['', '   '])('treats %j as not set', (blank) => {
    expect(new Environment({ SHOP_RETRIES: blank }).get(Shop).SHOP_RETRIES).toBe(3);
  });

  it('is not changed by later changes of what it was made from', () => {
    const raw: Record<string, string> = { SHOP_NAME: 'corner' };
    const environment = new Environment(raw);
    raw['SHOP_NAME'] = 'other';

    expect(environment.get(Shop).SHOP_NAME).toBe('corner');
  });

  it('names every bad variable on a line of its own, with what it was and what it may be', () => {
    expect(sentences({ SHOP_RETRIES: 'abc', SHOP_URL: 'nowhere' })).toEqual([
      'SHOP_RETRIES must be an integer from 0 to 9, but was "abc"',
      'SHOP_URL must be a URL, but was "nowhere"',
    ]);
  });

  it.each([
    [z.enum(['on', 'off']), 'on or off'],
    [z.coerce.number().int().min(1), 'an integer of at least 1'],
    [z.coerce.number().max(5), 'a number of at most 5'],
    [z.coerce.number().positive(), 'a number above 0'],
    [z.coerce.number(), 'a number'],
    [z.string().min(3), 'a text of at least 3 characters'],
    [z.string().regex(/^a/).describe('a text that starts with a').optional(), 'a text that starts with a'],
    [list('ports', (item) => /^\d+$/.test(item)).default([]), 'a comma-separated list of ports'],
  ])('says what a variable may be from its schema (%#)', (schema, expected) => {
    expect(sentences({ X: 'x' }, settings({ X: schema }))).toEqual([`X must be ${expected}, but was "x"`]);
  });

  it('says that a required variable is not set', () => {
    expect(sentences({}, settings({ X: z.string() }))).toEqual(['X must be a text, but is not set']);
  });

  it('never shows a secret in an error', () => {
    const type = settings({ PIN: secret().regex(/^\d+$/), PIN2: byEnvironment(z.enum(['1']), { secret: true }) });

    expect(sentences({ PIN: '12', PIN2: 'hush' }, type)).toEqual([
      'PIN2 must be 1, but was set to something else (not shown)',
    ]);
  });

  it('does not show the password of a URL in an error', () => {
    const type = settings({ REDIS_URL: z.url({ protocol: /^redis$/ }) });

    expect(sentences({ REDIS_URL: 'http://:hush@cache:6379' }, type)).toEqual([
      'REDIS_URL must be a URL, but was "http://(not shown)@cache:6379"',
    ]);
  });

  it('reports the bad variables of several classes together, each once', () => {
    const one = settings({ A: z.enum(['a']), B: z.enum(['b']) });
    const two = settings({ B: z.enum(['b']), C: z.enum(['c']) });
    const check = () => new Environment({ A: 'x', B: 'x', C: 'x' }).check([one, two, Shop]);

    expect(check).toThrow('A must be a, but was "x"\nB must be b, but was "x"\nC must be c, but was "x"');
  });

  describe('in production', () => {
    const production = (key?: string) => sentences({ NODE_ENV: 'production', ...(key && { SHOP_KEY: key }) });

    it('is known by NODE_ENV alone', () => {
      expect(new Environment({ NODE_ENV: 'production' }).production).toBe(true);
      expect(new Environment({ NODE_ENV: 'test' }).production).toBe(false);
    });

    it('uses the development value of a secret only outside', () => {
      expect(new Environment({}).get(Shop).SHOP_KEY).toBe('shop-development-key');
      expect(production()).toEqual(['SHOP_KEY must be set in production, but is not set']);
    });

    it('refuses a short secret without showing it', () => {
      expect(production('short-key')).toEqual([
        'SHOP_KEY must have at least 32 characters in production, but was set to something else (not shown)',
      ]);
    });

    it('accepts a long secret', () => {
      expect(production(LONG)).toEqual([]);
    });

    it('refuses the published default of a secret', () => {
      const development = 'a-default-that-everybody-can-read-here';
      const type = settings({ KEY: secret({ development }) });

      expect(sentences({ KEY: development }, type)).toEqual([]);
      expect(sentences({ NODE_ENV: 'production', KEY: development }, type)).toEqual([
        'KEY must be a value of your own in production, but is a published default',
      ]);
    });

    it('wants a required secret, which has no value of ours to fall back on, unless another variable is set', () => {
      const type = settings({ KEY: secret({ required: true, unless: ['ROOT', 'FILE'] }).optional() });

      expect(new Environment({}).get(type)).toEqual({});
      expect(sentences({ NODE_ENV: 'production' }, type)).toEqual([
        'KEY must be set in production (or ROOT or FILE), but is not set',
      ]);
      expect(sentences({ NODE_ENV: 'production', FILE: 'x' }, type)).toEqual([]);
      expect(sentences({ NODE_ENV: 'production', KEY: 'short' }, type)).toEqual([
        'KEY must have at least 32 characters in production, but was set to something else (not shown)',
      ]);
    });

    it('lets another variable stand in for a missing secret, and then gives no default', () => {
      const type = settings({ KEY: secret({ development: LONG, unless: ['KEY_PAIR'] }).optional() });
      const environment = new Environment({ NODE_ENV: 'production', KEY_PAIR: '/run/key' });

      expect(environment.get(type)).toEqual({});
      expect(sentences({ NODE_ENV: 'production' }, type)).toEqual([
        'KEY must be set in production (or KEY_PAIR), but is not set',
      ]);
    });
  });

  describe('described', () => {
    it('shows what was read, without secrets and passwords', () => {
      const environment = new Environment({
        SHOP_PIN: '1234',
        SHOP_URL: 'https://me:hush@shop.test/',
        SHOP_COLORS: 'a,b',
      });
      environment.get(Shop);

      expect(environment.describe()).toEqual({
        SHOP_RETRIES: '3',
        SHOP_NAME: '(not set)',
        SHOP_COLORS: 'a,b',
        SHOP_KEY: '(not shown)',
        SHOP_PIN: '(not shown)',
        SHOP_URL: 'https://(not shown)@shop.test/',
      });
    });

    it('leaves out what nobody has read', () => {
      expect(new Environment({ SHOP_PIN: '1234' }).describe()).toEqual({});
    });
  });
});
