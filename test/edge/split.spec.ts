import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bearerToken, TokenService } from '@nakku/auth';
import type { ServiceName } from '@nakku/runtime';
import { eventually, type Loose, startProcess } from '@nakku/testing';
import { apps } from '../../apps/nakku/src/index.js';
import { must, Shop } from '../flows/shop.js';
import { type Split, startSplit } from '../processes/split.js';

const V1 = '/api/v1';
const GROUPS: ServiceName[][] = [
  ['inventory', 'order', 'cart'],
  ['payment', 'delivery', 'notification', 'location', 'analytics'],
  ['gateway', 'user', 'product'],
];

/** Keys as an operator hands them out: only one process can sign for users. */
function keyFiles(folder: string): { secret: string; open: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [secret, open] = [join(folder, 'jwt.pem'), join(folder, 'jwt.pub')];
  writeFileSync(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }));
  return { secret, open };
}

describe('three processes, the gateway with user and product in one of them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-keys-'));
  const { secret, open } = keyFiles(folder);
  let nakku: Split;
  let shop: Shop;

  beforeAll(async () => {
    nakku = await startSplit(GROUPS, {
      LOG_LEVEL: 'silent',
      TRUSTED_PROXIES: '127.0.0.1',
      RATE_LIMITS: 'on',
      INTERNAL_SECRET: 'a-secret-that-the-services-of-this-test-share',
      JWT_PUBLIC_KEY_FILE: open,
      JWT_PRIVATE_KEY_FILE: secret,
    });
    shop = new Shop(nakku.http);
  }, 60_000);
  afterAll(async () => {
    await nakku?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const [GOODS, REST, EDGE] = [0, 1, 2];
  const tokensOf = (part: number) => nakku.parts[part]!.app.get(TokenService);

  it('serves what it hosts and passes on the rest: a customer fills a cart, which asks four services', async () => {
    const { token, addressId } = await shop.customer();
    const [product] = await shop.products(1);
    const cart = await shop.fillCart(token, [{ productId: product.id, quantity: 2 }]);
    expect(cart).toMatchObject({ items: [{ productId: product.id, quantity: 2, available: true }] });
    const validated = await nakku.http.post(`${V1}/cart/validate`, { as: token, body: { addressId } });
    expect(validated).toMatchObject({ status: 200 });
  });

  it('gives the gateway’s own admin routes and those of other services below the same path', async () => {
    const as = await shop.admin();
    const get = (path: string) => nakku.http.get(`${V1}/admin/${path}`, { as });
    expect(must(await get('topology'), 200).here).toEqual(GROUPS[EDGE]);
    expect(must(await get('outbox'), 200).items).toHaveLength(10);
    expect(must(await get('outbox'), 200).items.every(({ reachable }: Loose) => reachable)).toBe(true);
    expect(must(await get('outbound-messages'), 200)).toHaveProperty('items');
    expect((await get('nothing')).status).toBe(404);
  });

  it('counts a client by its own address, also in a service behind the gateway', async () => {
    const other = await startProcess([apps.gateway], {
      LOG_LEVEL: 'silent',
      TRUSTED_PROXIES: '127.0.0.1',
      INTERNAL_SECRET: 'a-secret-that-the-services-of-this-test-share',
      JWT_PUBLIC_KEY_FILE: open,
      USER_SERVICE_URL: nakku.parts[EDGE]!.url,
    });
    const register = (of: typeof other.http, address: string) =>
      of.post(`${V1}/users/register`, {
        body: { email: 'customer@nakku.test', password: 'long enough', firstName: 'A', lastName: 'B' },
        headers: { 'x-forwarded-for': address },
      });
    const statuses = await Promise.all(Array.from({ length: 70 }, () => register(other.http, '203.0.113.1')));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([409, 429]));
    expect((await register(other.http, '203.0.113.2')).status).toBe(409);
    expect((await register(other.http, '203.0.113.1')).status).toBe(429);
    await other.stop();
  });

  describe('trusts', () => {
    it('no customer and no stranger on the internal routes, and no service on the others', async () => {
      const customer = (await shop.customer()).token;
      const service = await tokensOf(GOODS).signService('order');
      for (const { http } of nakku.parts)
        for (const as of [undefined, customer])
          expect((await http.get('/internal/openapi.json', { as })).status).toBe(401);
      for (const [part, path] of [
        [GOODS, 'orders'],
        [EDGE, 'users/profile'],
        [EDGE, 'orders'],
      ] as const)
        expect((await nakku.parts[part]!.http.get(`${V1}/${path}`, { as: service })).status).toBe(401);
      const body = { orderId: '01890000-0000-7000-8000-000000000001' };
      const { http } = nakku.parts[GOODS]!;
      expect((await http.post('/internal/order/get', { as: customer, body })).status).toBe(401);
      expect((await http.post('/internal/order/get', { as: service, body })).status).toBe(404);
    });

    it('no header that says who is acting', async () => {
      const forged = { 'x-nakku-actor': '{"id":"root","roles":["admin"],"stores":[]}' };
      for (const { http } of nakku.parts) {
        const answered = await http.get(`${V1}/admin/outbox`, { headers: forged });
        expect([401, 404]).toContain(answered.status);
        expect([401, 404]).toContain((await http.get(`${V1}/orders`, { headers: forged })).status);
      }
    });

    it('the user service to sign, whose public key it publishes, and no other', async () => {
      const { keys } = must(await nakku.http.get('/.well-known/jwks.json'), 200);
      expect(keys).toEqual([expect.objectContaining({ alg: 'ES256', use: 'sig' })]);
      const lonely = [apps.cart];
      const reader = await startProcess(lonely, {
        LOG_LEVEL: 'silent',
        INTERNAL_SECRET: 'x'.repeat(40),
        JWT_PUBLIC_KEY_FILE: open,
      });
      const { token } = await shop.customer();
      expect(bearerToken({ authorization: `Bearer ${token}` })).toBe(token);
      await expect(reader.app.get(TokenService).verifyAccess(token)).resolves.toMatchObject({ roles: ['customer'] });
      await reader.stop();
      await expect(
        startProcess([apps.user], { LOG_LEVEL: 'silent', JWT_PUBLIC_KEY_FILE: open, INTERNAL_SECRET: 'x'.repeat(40) }),
      ).rejects.toThrow(/^JWT_PRIVATE_KEY_FILE must be set where the user service runs, but is not set$/);
    });
  });

  it('documents itself as one server does', async () => {
    const whole = await startProcess(Object.values(apps), { LOG_LEVEL: 'silent', NAKKU_SEED: 'none' });
    const [one, many] = await Promise.all([whole.http.get('/openapi.json'), nakku.http.get('/openapi.json')]);
    await whole.stop();
    const sorted = (document: Loose) => [
      Object.keys(document.paths).sort(),
      Object.keys(document.components.schemas).sort(),
    ];
    expect(sorted(many.body)).toEqual(sorted(one.body));
    expect(many.body).toEqual(one.body);
    const page = await nakku.http.get('/docs');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': expect.stringContaining('text/html') } });
    expect((await nakku.http.get('/docs/swagger-ui-init.js')).body).toContain('/api/v1/delivery/jobs');
  });

  it('keeps shopping when notification and the others of its process are gone, and says which', async () => {
    await nakku.parts[REST]!.stop();
    const health = await eventually('the gateway’s notice', async () => {
      const answered = await nakku.http.get('/health');
      return answered.body.details['notification-service'].status === 'degraded' && answered;
    });
    expect(health.status).toBe(200);
    expect(health.body.details).toMatchObject({
      'order-service': { status: 'up' },
      'user-database': { status: 'up' },
      'location-service': { status: 'degraded' },
    });
    expect((await nakku.http.get(`${V1}/products?limit=1`)).status).toBe(200);
    const as = await shop.login('customer@nakku.test', 'nakku-customer-demo');
    expect((await nakku.http.get(`${V1}/cart`, { as })).status).toBe(200);
    expect(await nakku.http.get(`${V1}/notifications`, { as })).toMatchObject({
      status: 503,
      body: { code: 'UNAVAILABLE' },
      headers: { 'retry-after': '1' },
    });
    // What was known of the others' routes is still told; a gateway that never heard of them says so.
    expect((await nakku.http.get('/openapi.json')).body.paths).toHaveProperty('/api/v1/notifications');
    const late = await startProcess([apps.gateway], { LOG_LEVEL: 'silent' });
    expect((await late.http.get('/openapi.json')).body['x-nakku-missing']).toContain('notification');
    await late.stop();
  });
});
