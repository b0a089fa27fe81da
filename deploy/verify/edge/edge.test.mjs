// What must hold at the edge, whichever balancer stands there. Run by deploy/verify/edge.sh.
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { startBalancer, until } from './balancer.mjs';
import { request } from './client.mjs';
import { breakOff, fiveEvents, startGateway } from './gateways.mjs';

const KINDS = (process.env.BALANCERS ?? 'nginx,haproxy').split(',');

for (const kind of KINDS)
  describe(kind, () => {
    let one, two, edge;

    before(async () => {
      one = await startGateway('127.0.0.1');
      two = await startGateway('127.0.0.2', one.port);
      edge = await startBalancer(kind, one.port, { addresses: ['127.0.0.1', '127.0.0.2'] });
      await until('a healthy edge', async () => (await ask('GET', '/health')).status === 200);
    });

    after(async () => {
      await edge?.stop();
      await Promise.all([one?.stop(), two?.stop()]);
    });

    const ask = (method, path, { to = edge, ...options } = {}) => request(to, method, path, options);

    const both = () => [one, two];
    function forget(behave) {
      for (const gateway of both()) Object.assign(gateway, { seen: [], firstChunkAt: [], behave });
    }
    const seen = () => both().flatMap((gateway) => gateway.seen);

    function isProblem({ status, headers, text }, expected, code) {
      assert.equal(status, expected, text);
      assert.match(headers['content-type'], /^application\/problem\+json/);
      const problem = JSON.parse(text);
      assert.equal(problem.code, code);
      assert.equal(problem.status, expected);
      assert.match(problem.traceId, /^[0-9a-f]{32}$/);
      assert.match(headers['strict-transport-security'], /^max-age=31536000/);
    }

    it('sends who comes without TLS to https with method and path, and answers probes either way', async () => {
      const moved = await ask('POST', '/api/v1/orders?x=1', { plain: true, headers: { host: 'api.nakku.example' } });
      assert.equal(moved.status, 308);
      assert.equal(moved.headers.location, 'https://api.nakku.example/api/v1/orders?x=1');
      for (const plain of [true, false]) assert.equal((await ask('GET', '/health', { plain })).text, '{"status":"ok"}');
    });

    it('speaks TLS 1.2 and 1.3 and HTTP/2, and nothing older', async () => {
      const handshake = (options) =>
        new Promise((resolve, reject) => {
          const given = { host: '127.0.0.1', port: edge.https, servername: 'localhost', ca: edge.ca, ...options };
          const socket = tls.connect(given, () => {
            resolve([socket.getProtocol(), socket.alpnProtocol]);
            socket.destroy();
          });
          socket.once('error', reject);
        });
      assert.deepEqual(await handshake({ ALPNProtocols: ['h2', 'http/1.1'] }), ['TLSv1.3', 'h2']);
      assert.deepEqual((await handshake({ maxVersion: 'TLSv1.2' }))[0], 'TLSv1.2');
      const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
      await assert.rejects(handshake(old));
      await assert.rejects(handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES128-GCM-SHA256' }));
    });

    it('tells the gateway who asks and how, whatever the client says of that', async () => {
      forget();
      const lies = {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'http',
        'x-real-ip': '203.0.113.9',
        forwarded: 'for=203.0.113.9',
      };
      const { headers } = JSON.parse((await ask('GET', '/api/v1/products?q=a%2Fb', { headers: lies })).text);
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-real-ip'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], 'https');
      assert.match(headers['x-forwarded-host'], /^127\.0\.0\.1/);
      assert.ok(!headers.forwarded);
      assert.equal(seen()[0].url, '/api/v1/products?q=a%2Fb');
    });

    it('keeps a request id and a trace, and begins them where there are none', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const kept = await ask('GET', '/api/v1/x', { headers: { 'x-request-id': 'my.request-1', traceparent } });
      assert.deepEqual(pick(kept), ['my.request-1', traceparent]);
      const [made, trace] = pick(await ask('GET', '/api/v1/x', { headers: { 'x-request-id': 'short' } }));
      assert.match(made, /^[0-9a-f]{32}$/);
      assert.match(trace, new RegExp(`^00-${made}-[0-9a-f]{16}-01$`));
      const lost = await ask('GET', '/nowhere', { headers: { 'x-request-id': 'my.request-1', traceparent } });
      assert.equal(lost.headers['x-request-id'], 'my.request-1');
      assert.equal(JSON.parse(lost.text).traceId, traceparent.split('-')[1]);
    });
    const pick = ({ text }) => ['x-request-id', 'traceparent'].map((name) => JSON.parse(text).headers[name]);

    it('says Strict-Transport-Security once', async () => {
      const { raw } = await ask('GET', '/api/v1/products');
      assert.equal(raw.filter((name) => name.toLowerCase() === 'strict-transport-security').length, 1);
    });

    it('keeps inside what is not for the world, however it is spelt', async () => {
      forget();
      const paths = [
        '/metrics',
        '/metrics/',
        '/internal/order/get',
        '/%69nternal/order/get',
        '//internal/x',
        '/health/ready',
        '/',
      ];
      for (const path of paths) isProblem(await ask('GET', path), 404, 'NOT_FOUND');
      assert.deepEqual(seen(), []);
      for (const path of [
        '/docs',
        '/docs/swagger-ui.css',
        '/openapi.json',
        '/.well-known/jwks.json',
        '/api/v1/admin/outbox',
      ])
        assert.equal((await ask('GET', path)).status, 200, path);
    });

    it('refuses a body above the limit before it comes, and passes an upload on while it comes', async () => {
      forget();
      const withLength = (length) => ({
        headers: { 'content-length': length },
        body: (request) => request.flushHeaders(),
      });
      isProblem(await ask('POST', '/api/v1/orders', withLength(1_048_577)), 413, 'BODY_TOO_LARGE');
      isProblem(await ask('POST', '/api/v1/products/import', withLength(256 * 1_048_576 + 1)), 413, 'BODY_TOO_LARGE');
      assert.deepEqual(seen(), []);
      assert.equal((await ask('POST', '/api/v1/orders', { body: Buffer.alloc(1_048_576) })).status, 200);
      let endedAt;
      const slowly = async (request) => {
        request.write(Buffer.alloc(2_000_000));
        await sleep(500);
        endedAt = Date.now();
        request.end(Buffer.alloc(2_000_000));
      };
      forget();
      assert.equal((await ask('POST', '/api/v1/products/import', { body: slowly })).status, 200);
      assert.equal(seen()[0].size, 4_000_000);
      assert.ok(both().flatMap(({ firstChunkAt }) => firstChunkAt)[0] < endedAt - 200);
    });

    it('passes events on as they happen', async () => {
      forget(fiveEvents);
      const { chunks } = await ask('GET', '/api/v1/orders/1/stream');
      forget();
      assert.ok(chunks.length >= 5, `${chunks.length} pieces`);
      assert.ok(chunks.at(-1).at - chunks[0].at > 600);
    });

    it('never sends a POST twice, and tells that it may have happened', async () => {
      forget(breakOff);
      const answer = await ask('POST', '/api/v1/orders', {
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      isProblem(answer, 503, 'UNAVAILABLE');
      assert.equal(answer.headers['retry-after'], '1');
      assert.equal(seen().length, 1);
      isProblem(await ask('PATCH', '/api/v1/orders', { body: '{}' }), 503, 'UNAVAILABLE');
      assert.equal(seen().length, 2);
      forget();
      await sleep(1500); // until both count as well again
    });

    it('lets clients see nothing of a gateway that is gone, and 503 when all are', async () => {
      await until('both gateways', async () => {
        forget();
        await Promise.all(Array.from({ length: 8 }, () => ask('GET', '/api/v1/products')));
        return both().every((gateway) => gateway.seen.length > 0);
      });
      await two.stop();
      const orders = Array.from({ length: 20 }, () => ask('POST', '/api/v1/orders', { body: '{}' }));
      for (const { status } of await Promise.all(orders)) assert.equal(status, 200);
      await one.stop();
      const answer = await until('503', async () => {
        const given = await ask('GET', '/api/v1/products');
        return given.status !== 200 && given;
      });
      isProblem(answer, 503, 'UNAVAILABLE');
      assert.equal(answer.headers['retry-after'], '1');
      await until('a sick edge', async () => (await ask('GET', '/health')).text === '{"status":"error"}');
      one = await startGateway('127.0.0.1', one.port);
      two = await startGateway('127.0.0.2', one.port);
      await until('gateways that are back', async () => (await ask('GET', '/api/v1/products')).status === 200);
    });

    it(
      'finds a gateway at a new address by itself',
      { skip: kind === 'haproxy' && 'needs a name server' },
      async () => {
        const three = await startGateway('127.0.0.3', one.port);
        edge.resolveTo(['127.0.0.3']);
        await until('the new address', async () => {
          await ask('GET', '/api/v1/products');
          return three.seen.length > 0;
        });
        edge.resolveTo(['127.0.0.1', '127.0.0.2']);
        await until('a second reload', () => edge.log().split('something changed').length > 2);
        await until('the old addresses', async () => {
          forget();
          await Promise.all(Array.from({ length: 10 }, () => ask('GET', '/api/v1/products')));
          return seen().length === 10;
        });
        await three.stop();
      },
    );

    it('loses no request when it reloads under load', async (test) => {
      const agent = new https.Agent({ keepAlive: true, maxSockets: 10 });
      const failures = { kept: [], fresh: [] };
      let [done, going] = [0, true];
      const client = async (index) => {
        const [kind, given] = index % 2 ? ['kept', { agent }] : ['fresh', {}];
        for (let turn = 0; going; turn++) {
          const post = (index + turn) % 3 === 0;
          const asked = post ? ask('POST', '/api/v1/orders', { body: '{}', ...given }) : ask('GET', '/api/v1/x', given);
          await asked.then(
            ({ status }) => status === 200 || failures[kind].push(status),
            (error) => failures[kind].push(error.code),
          );
          done++;
        }
      };
      const clients = Array.from({ length: 16 }, (_, index) => client(index));
      for (let turn = 0; turn < 6; turn++) {
        await sleep(700);
        edge.reload();
      }
      await sleep(1000);
      going = false;
      await Promise.all(clients);
      agent.destroy();
      test.diagnostic(`${done} requests over 6 reloads; lost on connections kept open: ${failures.kept.length}`);
      assert.deepEqual(failures.fresh, []);
      // HAProxy, and NGINX before 1.27.4, close idle connections while they reload, and may meet a request that is on its way there.
      if (edge.leavesIdleOpen()) assert.deepEqual(failures.kept, []);
    });

    it('slows an address of the outside down', async () => {
      const limited = await startBalancer(kind, one.port, { limited: true });
      try {
        await until(
          'a healthy edge',
          async () => (await ask('GET', '/api/v1/x', { to: limited }).catch(() => ({}))).status === 200,
        );
        const agent = new https.Agent({ keepAlive: true, maxSockets: 30 });
        const answers = await Promise.all(
          Array.from({ length: 1500 }, () => ask('GET', '/api/v1/x', { to: limited, agent })),
        );
        agent.destroy();
        const refused = answers.filter(({ status }) => status !== 200);
        assert.ok(refused.length > 0);
        isProblem(refused[0], 429, 'TOO_MANY_REQUESTS');
        assert.equal(refused[0].headers['retry-after'], '1');
      } finally {
        await limited.stop();
      }
    });
  });
