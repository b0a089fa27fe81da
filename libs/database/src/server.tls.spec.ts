import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describeWith } from '@nakku/testing';
import { type ServerOptions } from './index.js';
import { dropDatabase, freshDatabase, openCounters, sql } from './server.fixture.js';

// MySQL makes a certificate authority for itself, and a certificate for no host in particular; MariaDB 10.11 makes none.
describeWith(['mysql'], 'an encrypted connection', (servers) => {
  let server: ServerOptions;
  let ca: string;

  beforeAll(async () => {
    server = freshDatabase(servers.mysql);
    const [row] = await sql<{ folder: string }>(server, 'SELECT @@datadir AS folder');
    ca = readFileSync(join(row!.folder, 'ca.pem'), 'utf8');
  });
  afterAll(() => dropDatabase(server));

  const cipherOf = async (more: Partial<ServerOptions>) => {
    const database = await openCounters({ ...server, ...more });
    const [row] = await database.manager.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    await database.close();
    return row!.Value;
  };

  it('is what a certificate authority means, and nothing otherwise', async () => {
    expect(await cipherOf({ ca, verifyHost: false })).toMatch(/^TLS_/);
    expect(await cipherOf({})).toBe('');
  });

  it('is refused to a server that another authority has signed', async () => {
    const opening = openCounters({ ...server, ca: rootCertificates[0]!, verifyHost: false });
    await expect(opening).rejects.toThrow(/cannot be opened: .*certificate/);
  });

  it('is refused to a certificate for another host unless that is allowed', async () => {
    await expect(openCounters({ ...server, ca })).rejects.toThrow(/cannot be opened: .*does not match certificate/);
  });
});
