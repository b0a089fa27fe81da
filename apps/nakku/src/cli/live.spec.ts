import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Database, newId, now } from '@nakku/database';
import { orderCreated, userLogin } from '@nakku/contracts';
import { eventually, startProcess, type TestProcess } from '@nakku/testing';
import { DeadLetter, type Envelope, seal } from '@nakku/transport';
import { apps } from '../index.js';
import { cli } from '../terminal/cli.fixture.js';

const CLI = join(__dirname, '..', '..', '..', '..', 'dist', 'apps', 'nakku', 'src', 'cli.js');
const ADMIN = { email: 'asha@example.com', password: 'correct-horse' };

describe('beside a running system, the command line', () => {
  let running: TestProcess;
  let folder: string;
  let env: Record<string, string>;
  let token: string;

  /** As a process: with a standard input of its own, and because two writers of one file in one process would wait for each other. */
  async function typed(args: string[], input: string) {
    const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
    child.stdin.end(input);
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { out, err, code };
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-cli-'));
    env = { NODE_ENV: 'test', DATA_DIR: folder, NAKKU_SEED: 'none' };
    running = await startProcess(Object.values(apps), env);
    const args = ['admin', 'create', '--email', ADMIN.email, '--name', 'Asha Rao', '--password-stdin'];
    expect(await typed(args, `${ADMIN.password}\n`)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^asha@example\.com is an admin \([0-9a-f-]{36}\) and can sign in\n$/),
    });
    token = (await typed(['token', '--email', ADMIN.email], '')).out.trim();
  });
  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  it('makes an admin, who can sign in at once and is told of as any newcomer', async () => {
    const { status, body } = await running.http.post('/api/v1/users/login', { body: ADMIN });
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ firstName: 'Asha', lastName: 'Rao', roles: ['admin'] });
    const waiting = async () => (await running.http.get('/api/v1/admin/outbox', { as: token })).body.items;
    await eventually('the event to go out', async () =>
      (await waiting()).every((one: { pending: number }) => one.pending === 0),
    );
  });

  it.each([
    ['a taken e-mail', ['--email', ADMIN.email.toUpperCase()], ADMIN.password, /^There is an account with this e-mail/],
    [
      'an empty input',
      ['--email', 'b@example.com'],
      '',
      /^the password was expected on standard input, which is empty/,
    ],
  ])('refuses %s with one line', async (_, args, input, why) => {
    const { code, out, err } = await typed(['admin', 'create', ...args, '--password-stdin'], input);
    expect({ code: code === 0, out, lines: err.trim().split('\n').length }).toEqual({ code: false, out: '', lines: 1 });
    expect(err).toMatch(why);
  });

  it('signs a token by which its owner is let in, and tells what it says', async () => {
    expect((await running.http.get('/api/v1/users/profile', { as: token })).body.email).toBe(ADMIN.email);
    const { code, out } = await cli(['token', 'show', token], env);
    expect(code).toBe(0);
    expect(out).toMatch(/^roles +\["admin"\]$/m);
    expect(out).toMatch(/^accepted here$/m);
    const forged = JSON.parse((await cli(['token', 'show', `${token}x`, '--json'], env)).out) as object;
    expect(forged).toMatchObject({ accepted: false, why: 'The token is not one of ours.' });
    const service = (await cli('token --service order', env)).out.trim();
    expect((await running.http.get('/api/v1/users/profile', { as: service })).status).toBe(401);
  });

  it('knows that the stores that are in use lack nothing', async () => {
    expect((await cli('migrate status', env)).code).toBe(0);
    const empty = await cli('migrate status user', { ...env, DATA_DIR: join(folder, 'none') });
    expect(empty).toMatchObject({
      code: 3,
      out: expect.stringMatching(/^user\.sqlite: lacks Transport1700000000001, /),
    });
  });

  describe('with dead letters', () => {
    const gateway = () => ['--url', running.url, '--token', token];
    const letter = (envelope: Envelope) => ({
      id: newId(),
      eventId: envelope.id,
      type: envelope.type,
      key: envelope.subject,
      envelope: JSON.stringify(envelope),
      error: 'TypeError: no\n  at x',
      tries: 8,
      createdAt: now(),
    });
    const good = () => letter(seal(userLogin, { userId: newId(), sessionId: newId() }));
    const bad = () => letter(seal(orderCreated, { orderId: newId() }));

    it('lists them over all pages, replays the oldest first, and keeps what fails again', async () => {
      const stores = running.app.get(Database, { strict: false, each: true }) as Database[];
      const analytics = stores.find(({ name }) => name === 'analytics')!;
      const letters = [bad(), ...Array.from({ length: 119 }, good)];
      await analytics.transaction(() => analytics.manager.insert(DeadLetter, letters));

      expect((await cli(['dead-letters', 'list', ...gateway()])).out.trim().split('\n')).toHaveLength(101);
      const listed = JSON.parse(
        (await cli(['dead-letters', 'list', '--limit', '500', '--domain', 'analytics', '--json', ...gateway()])).out,
      ) as { id: string }[];
      expect(listed.map(({ id }) => id)).toEqual(letters.map(({ id }) => id).reverse());
      expect((await cli(['dead-letters', 'list', '--domain', 'order', ...gateway()])).out).toBe(
        'There are no dead letters.\n',
      );

      const { code, out, err } = await cli(['dead-letters', 'replay', '--all', ...gateway()]);
      expect(err.split('\n')[0]).toMatch(new RegExp(`^1 of 120  ${letters[0]!.id}  `));
      expect({ code, out }).toEqual({ code: 1, out: '119 of 120 were handled\n' });
      expect(await analytics.manager.find(DeadLetter)).toMatchObject([{ id: letters[0]!.id }]);
    });

    it('says why when the gateway does not let it in', async () => {
      const url = ['--url', running.url];
      expect((await cli(['dead-letters', 'list', ...url, '--token', 'x'])).err).toBe('The token is not one of ours.\n');
      expect((await cli(['dead-letters', 'replay', newId(), ...gateway()])).err).toMatch(
        /There is no such dead letter/,
      );
      const signedIn = await typed(
        ['dead-letters', 'list', ...url, '--email', ADMIN.email, '--password-stdin'],
        'wrong-password',
      );
      expect(signedIn).toMatchObject({ code: 1, err: 'The e-mail or the password is wrong.\n' });
      expect((await cli(['dead-letters', 'list', '--token', 'x', '--url', 'http://127.0.0.1:9'])).err).toMatch(
        /cannot be reached: ECONNREFUSED\n$/,
      );
    });

    it('does not follow a balancer to another address with a token', async () => {
      const server = createServer((_, answer) => answer.writeHead(301, { location: 'https://shop.example/' }).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { code, err } = await cli(['dead-letters', 'list', '--url', url, '--token', 'x']);
      server.close();
      expect({ code, err }).toEqual({
        code: 1,
        err: `${url}/api/v1 sends one on to https://shop.example: give that as --url\n`,
      });
    });
  });
});
