import { X509Certificate, createPrivateKey, createPublicKey } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenService } from '@nakku/auth';
import { CacheSettings } from '@nakku/cache';
import { CoreSettings, Environment } from '@nakku/config';
import { topologyNames } from '@nakku/runtime';
import { cli } from '../terminal/cli.fixture.js';

const RENDERED = join(__dirname, '..', '..', '..', '..', 'deploy', 'rendered');

describe('nakku secrets', () => {
  let folder: string;
  beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), 'nakku-cli-')), 'secrets')));
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  const init = (topology = 'clustered', ...args: string[]) =>
    cli(['secrets', 'init', '--topology', topology, '--folder', folder, ...args]);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const put = (name: string, content: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), content);
  };

  it('makes them so that only the owner finds them, and containers can read single ones', async () => {
    expect(await init()).toMatchObject({ code: 0, out: expect.stringMatching(/secrets: \d+ made, 0 were there\n$/) });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o444);
  });

  it.each(topologyNames())('makes every secret that is read by what is rendered of %s', async (topology) => {
    await init(topology);
    const files = readdirSync(join(RENDERED, topology), { recursive: true, encoding: 'utf8' });
    const read = files
      .filter((file) => /compose.*\.yml$|create-secrets\.sh$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(RENDERED, topology, file), 'utf8');
        const mounted = [...text.matchAll(/SECRETS_DIR[^}]*\}\/(\S+)/g)].map(([, name]) => name!);
        return [...mounted, ...[...text.matchAll(/^secret \S+ (.+)$/gm)].flatMap(([, names]) => names!.split(' '))];
      });
    expect(new Set(read).size).toBeGreaterThan(4);
    expect([...new Set(read)].filter((name) => !readdirSync(folder).includes(name))).toEqual([]);
  });

  it('makes passwords that differ, pass wherever they go, and fit where MySQL takes 32 characters', async () => {
    await init();
    const passwords = readdirSync(folder).filter(
      (name) => /_(password|secret|token|key)$/.test(name) && !name.startsWith('jwt'),
    );
    expect(passwords.length).toBeGreaterThan(15);
    for (const name of passwords) expect(read(name)).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(new Set(passwords.map(read)).size).toBe(passwords.length);
  });

  it('makes what processes start with in production', async () => {
    await init('service-per-server');
    const file = (name: string) => join(folder, name);
    const common = {
      NODE_ENV: 'production',
      INTERNAL_SECRET_FILE: file('internal_secret'),
      REDIS_URL_FILE: file('redis_url'),
    };
    const user = new Environment({ ...common, JWT_PRIVATE_KEY_FILE: file('jwt_private_key') });
    const other = new Environment({ ...common, JWT_PUBLIC_KEY_FILE: file('jwt_public_key') });
    const token = await new TokenService(user.get(CoreSettings)).signAccess({
      id: 'ann',
      roles: ['admin'],
      stores: [],
    });
    expect((await new TokenService(other.get(CoreSettings)).verifyAccess(token)).id).toBe('ann');
    expect(other.get(CacheSettings).REDIS_URL).toEqual([`redis://:${read('redis_password')}@redis:6379`]);
  });

  it('makes a certificate for the host, and for trials on this machine', async () => {
    await init('clustered', '--host', 'shop.example.com');
    const certificate = new X509Certificate(read('tls.crt'));
    for (const host of ['shop.example.com', 'localhost']) expect(certificate.checkHost(host)).toBe(host);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkPrivateKey(createPrivateKey(read('tls.key')))).toBe(true);
  });

  it('never replaces one, and makes what is missing to fit what is there', async () => {
    await init();
    const before = Object.fromEntries(readdirSync(folder).map((name) => [name, read(name)]));
    for (const name of ['jwt_public_key', 'redis_password', 'order_db_password']) rmSync(join(folder, name));
    expect((await init()).out).toMatch(/: 3 made, \d+ were there/);
    const { order_db_password: old, ...kept } = before;
    expect(read('order_db_password')).not.toBe(old);
    for (const [name, content] of Object.entries(kept))
      expect({ name, content: read(name) }).toEqual({ name, content });
  });

  it('fills in an empty file, as an interrupted copy leaves it, and closes a folder that is open', async () => {
    put('metrics_token', '');
    chmodSync(folder, 0o755);
    await init();
    expect(read('metrics_token')).toHaveLength(32);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['jwt_public_key', 'jwt_private_key'],
    ['tls.crt', 'tls.key'],
    ['tls.key', 'tls.crt'],
  ])('refuses to make the other half of a lone %s, and makes nothing', async (there, missing) => {
    put(there, 'pem');
    const { code, err } = await init();
    expect(code).toBe(1);
    expect(err).toContain(`has ${there} but not ${missing}, which belongs to it`);
    expect(readdirSync(folder)).toEqual([there]);
  });

  it('refuses what docker makes where a secret was missing', async () => {
    mkdirSync(join(folder, 'metrics_token'), { recursive: true });
    expect((await init()).err).toContain(
      'metrics_token is a folder: a container was started before the secrets were made',
    );
  });

  it('says what does not fit together, without showing it', async () => {
    await init('clustered');
    const { err } = await init('service-per-server');
    expect(err).toContain('redis_url is not redis://:<redis_password>@redis:6379');
    rmSync(join(folder, 'jwt_public_key'));
    put('jwt_public_key', createPublicKey(read('tls.key')).export({ type: 'spki', format: 'pem' }).toString());
    expect((await init()).err).toContain('jwt_public_key has not the public half of jwt_private_key');
    expect(err).not.toContain(read('redis_password'));
  });

  it('lists them without their content, and ends with 3 while some are missing', async () => {
    const list = (...args: string[]) =>
      cli(['secrets', 'list', '--topology', 'clustered', '--folder', folder, ...args]);
    expect(await list()).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^order_db_password +missing +order-service, /m),
    });
    await init();
    const { code, out } = await list();
    expect(code).toBe(0);
    expect(out).toMatch(/^tls\.crt +signs itself, until 20\d\d-\d\d-\d\d: to be replaced +nginx$/m);
    for (const name of readdirSync(folder)) expect(out).not.toContain(read(name).trim());
    const { secrets } = JSON.parse((await list('--json')).out) as { secrets: { name: string; there: boolean }[] };
    expect(secrets.map(({ name }) => name)).toEqual(readdirSync(folder).sort());
  });
});
