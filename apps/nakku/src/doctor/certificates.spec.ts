import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificates } from './certificates.js';
import { ask } from './copies.js';
import { badOf, patientOf } from './doctor.fixture.js';
import { nodeFinding } from './machine.js';

const openssl = (...args: string[]) => spawnSync('openssl', args).status === 0;

describe('the doctor, of certificates (by openssl)', () => {
  let folder: string;
  const servers: Server[] = [];
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-tls-'))));
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const make = (days: number, host: string) => {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    const about = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-days', String(days)];
    if (!openssl('req', '-x509', ...newKey, '-out', cert, ...about)) throw new Error('openssl made no certificate');
    return { key: readFileSync(key), cert: readFileSync(cert), path: cert };
  };
  const seen: (string | undefined)[] = [];
  const serve = async (days: number, host = 'localhost') => {
    const server = createServer(make(days, host), (request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"details":{}}');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new URL(`https://localhost:${(server.address() as AddressInfo).port}`);
  };
  const found = (url: URL) => badOf(certificates, patientOf({}, { url }));

  it('finds one that nobody vouches for', async () => {
    const url = await serve(400);
    expect(await found(url)).toEqual({
      [`certificate of ${url.host}`]: 'warn: is self-signed: no client trusts it by itself',
    });
  });

  it('finds one that ends soon', async () => {
    const patient = patientOf({}, { url: await serve(10) });
    const findings = await certificates.look(patient);
    expect(findings[0]).toMatchObject({ status: 'warn', found: expect.stringMatching(/^lasts for (9|10) days$/) });
    expect((await certificates.look(patientOf({}, { url: await serve(1) })))[0]).toMatchObject({ status: 'fail' });
  });

  it('finds that nothing speaks TLS there', async () => {
    expect(await found(new URL('https://127.0.0.1:1'))).toEqual({
      'certificate of 127.0.0.1:1': expect.stringMatching(/^fail: no TLS: .*ECONNREFUSED/),
    });
  });

  it('finds an authority of the databases that ends soon, or is none', async () => {
    const { path } = make(5, 'db');
    expect(await badOf(certificates, patientOf({ DB_SSL_CA_FILE: path }))).toMatchObject({
      DB_SSL_CA_FILE: expect.stringMatching(/^warn: lasts for [45] days$/),
    });
    expect(await badOf(certificates, patientOf({ DB_SSL_CA_FILE: join(folder, 'none') }))).toMatchObject({
      DB_SSL_CA_FILE: expect.stringContaining('ENOENT'),
    });
  });

  it('gives the token to nobody whose certificate cannot be trusted', async () => {
    const { deployment } = patientOf({});
    const copy = await ask(deployment.gateway, await serve(400), 'the-token', 2000);
    expect(copy.health).toEqual({});
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter(Boolean)).toEqual([]);
  });
});

describe('the doctor, of the machine', () => {
  it('finds a Node that is too old', () => {
    expect(['18.20.0', '20.10.0', '20.11.0', '22.0.0'].map((version) => nodeFinding(version).status)).toEqual([
      'fail',
      'fail',
      'ok',
      'ok',
    ]);
  });
});
