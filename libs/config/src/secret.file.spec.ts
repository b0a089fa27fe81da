import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment } from './environment.js';
import { list, settings } from './settings.js';
import { byEnvironment, secret } from './variable.js';

class Vault extends settings({
  VAULT_KEY: secret({ required: true, unless: ['VAULT_ROOT'] }).optional(),
  VAULT_ROOT: secret().optional(),
  VAULT_URLS: byEnvironment(
    list('redis URLs', (item) => item.startsWith('redis://')),
    { file: true },
  ).optional(),
  VAULT_NAME: secret().max(9).default('nobody'),
  VAULT_PLAIN: byEnvironment(list('words'), {}).optional(),
}) {}

const LONG = 'a-secret-of-more-than-thirty-two-characters';

describe('a secret in a file', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-secrets-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const vault = (raw: Record<string, string>) => new Environment(raw).get(Vault);

  it('counts as the variable, without the line end that editors leave', () => {
    expect(vault({ VAULT_KEY_FILE: file('key', `${LONG}\n`) }).VAULT_KEY).toBe(LONG);
  });

  it('counts where another variable may be given in its place', () => {
    expect(() => vault({ NODE_ENV: 'production' })).toThrow('VAULT_KEY must be set in production');
    expect(vault({ NODE_ENV: 'production', VAULT_ROOT_FILE: file('root', LONG) }).VAULT_ROOT).toBe(LONG);
  });

  it('may be that of a variable which has a secret in it', () => {
    const VAULT_URLS_FILE = file('urls', 'redis://:hush@one:6379, redis://:hush@two:6379\n');
    const environment = new Environment({ VAULT_URLS_FILE });
    expect(environment.get(Vault).VAULT_URLS).toEqual(['redis://:hush@one:6379', 'redis://:hush@two:6379']);
    expect(environment.describe()['VAULT_URLS']).toBe('redis://(not shown)@one:6379,redis://(not shown)@two:6379');
  });

  it('is not looked for where a variable is no secret', () => {
    expect(vault({ VAULT_PLAIN_FILE: file('plain', 'words') }).VAULT_PLAIN).toBeUndefined();
  });

  it('is refused beside the variable itself', () => {
    expect(() => vault({ VAULT_KEY: LONG, VAULT_KEY_FILE: file('key', LONG) })).toThrow(
      'VAULT_KEY and VAULT_KEY_FILE are both set: only one of them may be',
    );
  });

  it.each([
    ['is not there', (): string => join(folder, 'nowhere'), /but ".*nowhere" cannot be read \(ENOENT\)$/],
    ['is a folder', (): string => folder, /cannot be read \(EISDIR\)$/],
    ['has nothing in it', (): string => file('empty', ' \n'), /but ".*empty" is empty$/],
    ['is endless', (): string => '/dev/zero', /but "\/dev\/zero" has more than 64 KiB$/],
  ])('is refused by the name of its variable when it %s', (_, path, message) => {
    expect(() => vault({ VAULT_KEY_FILE: path() })).toThrow(/^VAULT_KEY_FILE must name a file with the value, /);
    expect(() => vault({ VAULT_KEY_FILE: path() })).toThrow(message);
  });

  it.each([
    ['VAULT_NAME_FILE', 'a-long-hush', /^VAULT_NAME must be a text, but was set to something else \(not shown\)$/],
    [
      'VAULT_URLS_FILE',
      'http://hush',
      /^VAULT_URLS must be .* redis URLs, but was set to something else \(not shown\)$/,
    ],
  ])('is never shown, not even when %s holds something wrong', (name, content, message) => {
    expect(() => vault({ [name]: file('wrong', content) })).toThrow(message);
  });

  it('must be as long in production as the variable', () => {
    const VAULT_KEY_FILE = file('short', 'hush');
    expect(() => vault({ NODE_ENV: 'production', VAULT_KEY_FILE })).toThrow(
      'VAULT_KEY must have at least 32 characters in production, but was set to something else (not shown)',
    );
  });
});
