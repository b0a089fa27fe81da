// The real server behind each balancer: the README's first order over TLS, live events, and what a client sees when the server is killed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { freePort, ROOT, startBalancer, until } from './balancer.mjs';
import { request } from './client.mjs';

const V1 = '/api/v1';

for (const kind of (process.env.BALANCERS ?? 'nginx,haproxy').split(','))
  describe(`Nakku behind ${kind}`, () => {
    let server, port, edge, data;

    before(async () => {
      port = await freePort();
      data = mkdtempSync(join(tmpdir(), 'nakku-data-'));
      server = start();
      edge = await startBalancer(kind, port);
      await healthy();
    });

    after(async () => {
      await edge?.stop();
      await kill();
      rmSync(data, { recursive: true, force: true });
    });

    function start() {
      const env = { ...process.env, NODE_ENV: 'development', NAKKU_SEED: 'demo', PORT: String(port), DATA_DIR: data };
      Object.assign(env, { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'error' });
      return spawn('node', [join(ROOT, 'dist/apps/nakku/src/main.js')], { env, cwd: ROOT, stdio: 'ignore' });
    }

    async function kill() {
      if (!server || server.exitCode !== null) return;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }

    const healthy = () => until('Nakku', async () => (await request(edge, 'GET', '/health')).status === 200, 60_000);

    async function api(method, path, token, body, more = {}) {
      const headers = {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...more,
      };
      const { status, text } = await request(edge, method, V1 + path, { headers, body: body && JSON.stringify(body) });
      assert.ok(status < 300, `${method} ${path}: ${status} ${text}`);
      return text && JSON.parse(text);
    }

    const login = async (email, password) =>
      (await api('POST', '/users/login', undefined, { email, password })).accessToken;

    it('takes the first order of the README from the shop to the door', async () => {
      const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
      const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text);
      const walk = blocks
        .find((text) => text.startsWith('BASE='))
        .replace('http://localhost:8080', `https://localhost:${edge.https}`);
      const env = { ...process.env, CURL_CA_BUNDLE: join(edge.folder, 'tls.crt') };
      const { stdout } = await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${walk}`], { cwd: ROOT, env });
      assert.match(stdout, /^delivered$/m);
    });

    it('tells the events of an order when they happen', async () => {
      const customer = await login('customer@nakku.test', 'nakku-customer-demo');
      const { storeId } = await api('GET', '/location/serviceability?lat=12.9352&lng=77.6245');
      const { items } = await api('GET', `/products?q=milk&storeId=${storeId}&inStock=true`);
      await api('PUT', `/cart/items/${items[0].id}`, customer, { quantity: 1 });
      const addresses = await api('GET', '/users/addresses', customer);
      const order = { addressId: addresses.items[0].id, paymentMethod: 'card', paymentToken: 'tok_ok' };
      const { id } = await api('POST', '/orders', customer, order, {
        'idempotency-key': `edge-${kind}`,
        prefer: 'wait=5',
      });
      const heard = [];
      const stream = request(edge, 'GET', `${V1}/orders/${id}/stream`, {
        headers: { authorization: `Bearer ${customer}`, accept: 'text/event-stream' },
        onChunk: (text, asked) => {
          heard.push({ text, at: Date.now() });
          if (text.includes('packed')) asked.destroy();
        },
      }).catch(() => undefined);
      await until('the first event', () => heard.length > 0, 3000);
      const staff = await login('staff.koramangala@nakku.test', 'nakku-staff-demo');
      const packedAt = Date.now();
      await api('POST', `/orders/${id}/pack`, staff, {});
      await until('the packing', () => heard.some(({ text }) => text.includes('packed')), 5000);
      assert.ok(heard.at(-1).at - packedAt < 3000);
      await stream;
    });

    it('knows that the client came by https', async () => {
      const { headers } = await request(edge, 'GET', '/openapi.json');
      assert.match(headers['strict-transport-security'], /max-age/);
      const direct = await fetch(`http://127.0.0.1:${port}/openapi.json`, {
        headers: { 'x-forwarded-proto': 'https' },
      });
      assert.match(direct.headers.get('strict-transport-security') ?? '', /max-age/);
    });

    it('tells clients 503 and when to come again while the server is dead, and goes on when it is back', async () => {
      await kill();
      const { status, headers, text } = await request(edge, 'GET', `${V1}/products`);
      assert.deepEqual([status, headers['retry-after'], JSON.parse(text).code], [503, '1', 'UNAVAILABLE']);
      server = start();
      await healthy();
      assert.equal((await request(edge, 'GET', `${V1}/products`)).status, 200);
    });
  });
