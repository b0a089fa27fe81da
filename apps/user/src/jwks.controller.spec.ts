import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainHarness } from '@nakku/testing';
import { UserModule } from './user.module.js';

describe('GET /.well-known/jwks.json', () => {
  it('has no keys while tokens are signed with a shared secret', async () => {
    const t = await domainHarness(UserModule);

    expect(await t.http.get('/.well-known/jwks.json')).toMatchObject({ status: 200, body: { keys: [] } });
    await t.close();
  });

  it('has the public key, and no other part of it, where tokens are asymmetric', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nakku-keys-'));
    const file = join(folder, 'key.pem');
    writeFileSync(
      file,
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    );
    const t = await domainHarness(UserModule, { env: { JWT_PRIVATE_KEY_FILE: file } });
    const { status, body, headers } = await t.http.get('/.well-known/jwks.json');

    expect(status).toBe(200);
    expect(body.keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: expect.any(String),
        alg: 'ES256',
        use: 'sig',
      },
    ]);
    expect(headers['cache-control']).toContain('max-age');
    await t.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
