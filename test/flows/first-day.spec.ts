import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstOrderOf, ROOT } from '../processes/readme.js';
import { freePort, Server } from '../processes/server.js';

const CLI = join(ROOT, 'dist', 'apps', 'nakku', 'src', 'cli.js');
const ADMIN = { ADMIN: 'you@example.com', PASSWORD: 'a-long-password' };

describe('the first day of a server in production', () => {
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-first-day-'));
    const secrets = join(folder, 'secrets');
    nakku(['secrets', 'init', '--topology', 'single-server', '--folder', secrets]);
    const files = ['JWT_PRIVATE_KEY', 'INTERNAL_SECRET', 'METRICS_TOKEN', 'PAYMENT_WEBHOOK_SECRET'];
    server = new Server(await freePort(), {
      NODE_ENV: 'production',
      RATE_LIMITS: 'on',
      DATA_DIR: join(folder, 'data'),
      ...Object.fromEntries(files.map((name) => [`${name}_FILE`, join(secrets, name.toLowerCase())])),
    });
    await server.start();
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const nakku = (args: string[], input = '') =>
    execFileSync(process.execPath, [CLI, ...args], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...server?.env },
    });

  it('begins with nothing, not even a demo account', async () => {
    const demo = { email: 'admin@nakku.test', password: 'nakku-admin-demo' };
    expect((await server.http.post('/api/v1/users/login', { body: demo })).status).toBe(401);
    expect((await server.http.get('/api/v1/products')).body.items).toEqual([]);
  });

  it('goes from the first admin to an order at the door, by the page’s own commands', async () => {
    nakku(['admin', 'create', '--email', ADMIN.ADMIN, '--password-stdin'], ADMIN.PASSWORD);
    expect(await firstOrderOf('docs/operations/first-day.md', server.port, ADMIN)).toMatch(/^delivered$/m);
  }, 60_000);
});
