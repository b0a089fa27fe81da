import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { badOf, patientOf } from './doctor.fixture.js';
import { examine } from './patient.js';
import { secrets } from './secrets.js';

const STRONG = 'pT3kYw8qZx1nVb6mRd9sLc4hJf7gQa2e';
const OTHER = STRONG.split('').reverse().join('');
const found = (env: Record<string, string>) => badOf(secrets, patientOf({ NODE_ENV: 'production', ...env }));

describe('the doctor, of secrets', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-secrets-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const fileWith = (name: string, text: string, mode: number): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('finds nothing wrong with strong ones, and never shows one', async () => {
    const findings = await examine(
      patientOf({ NODE_ENV: 'production', INTERNAL_SECRET: STRONG, METRICS_TOKEN: OTHER }),
      [secrets],
    );
    expect(findings).toEqual([{ name: 'secrets', status: 'ok', found: '2 are strong' }]);
  });

  it.each([
    ['JWT_SECRET', 'super_secure_jwt_secret_for_production', 'is a published default'],
    ['JWT_SECRET', 'nakku-development-jwt-secret-0000', 'is a published default'],
    ['DB_PASSWORD', 'secure_production_password', 'is a published default'],
    ['INTERNAL_SECRET', STRONG.slice(0, 31), 'has 31 characters'],
    ['ORDER_DB_PASSWORD', 'short', 'has 5 characters'],
    ['METRICS_TOKEN', 'abababababababababab', 'repeats a few characters'],
  ])('finds %s of %s: %s', async (name, value, why) => {
    const bad = await found({ [name]: value });
    expect(bad).toEqual({ [name]: `fail: ${why}` });
  });

  it('finds one secret in two places, unless both are of one database', async () => {
    expect(await found({ INTERNAL_SECRET: STRONG, METRICS_TOKEN: STRONG })).toEqual({
      'INTERNAL_SECRET and METRICS_TOKEN': 'fail: are the same',
    });
    expect(await found({ DB_PASSWORD: STRONG, DB_MIGRATION_PASSWORD: STRONG })).toEqual({});
  });

  it('finds a file that all can read, but not one in a folder that only its owner may enter', async () => {
    const METRICS_TOKEN_FILE = fileWith('token', `${STRONG}\n`, 0o644);
    chmodSync(folder, 0o755);
    expect(await found({ METRICS_TOKEN_FILE })).toEqual({
      METRICS_TOKEN_FILE: `fail: ${METRICS_TOKEN_FILE} can be read by everybody on this machine`,
    });
    chmodSync(folder, 0o700);
    expect(await found({ METRICS_TOKEN_FILE })).toEqual({});
  });

  it('looks into files, and finds one that is not there', async () => {
    expect(await found({ INTERNAL_SECRET_FILE: fileWith('weak', 'weak', 0o600) })).toEqual({
      INTERNAL_SECRET: 'fail: has 4 characters',
    });
    expect(await found({ METRICS_TOKEN_FILE: join(folder, 'none') })).toEqual({
      METRICS_TOKEN_FILE: expect.stringContaining('ENOENT'),
    });
  });

  it('warns where published defaults count', async () => {
    expect(await badOf(secrets, patientOf({ NODE_ENV: 'development' }))).toEqual({
      NODE_ENV: 'warn: is development: published defaults are accepted',
    });
  });
});
