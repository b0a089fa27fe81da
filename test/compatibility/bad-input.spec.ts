import { TokenService } from '@nakku/auth';
import { newId } from '@nakku/database';
import { type Answer, type Loose, startProcess, type TestProcess } from '@nakku/testing';
import { apps } from '../../apps/nakku/src/index.js';
import { Shop } from '../flows/shop.js';

interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  query: string[];
  idParams: string[];
  body?: Loose;
}

const MIB = 1024 * 1024;
/** Taking out of a cart what is not in it changes nothing; a store without orders has an empty queue. */
const HARMLESS = ['delete /api/v1/cart/items/{productId}', 'get /api/v1/orders/store/{storeId}/queue'];

describe('bad input', () => {
  let nakku: TestProcess;
  let routes: Route[];
  let token: string;

  beforeAll(async () => {
    nakku = await startProcess(Object.values(apps));
    const document: Loose = (await nakku.http.get('/openapi.json')).body;
    routes = routesOf(document);
    const storeId = await new Shop(nakku.http).koramangala();
    const everyone = { id: newId(), roles: ['customer', 'rider', 'store_staff', 'admin'] as const, stores: [storeId] };
    token = await nakku.app.get(TokenService).signAccess(everyone);
  });
  afterAll(() => nakku?.stop());

  const at = (route: Route, id = newId()) => route.path.replace('{provider}', 'sandbox').replaceAll(/\{\w+\}/g, id);
  const send = (route: Route, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    nakku.http[route.method](path, {
      as: token,
      body: body ?? (route.body ? {} : undefined),
      headers: { 'idempotency-key': newId(), ...headers },
    });
  const isProblem = (answer: Answer) => {
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: answer.status,
      code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/),
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/SELECT|INSERT|SQLITE|node_modules|\.ts:\d|at Object/);
  };
  /** Runs every case and reports all that went wrong, with what was sent. */
  async function each<T>(cases: [string, T][], check: (one: T) => Promise<void>): Promise<void> {
    expect(cases.length).toBeGreaterThan(0);
    const wrong: string[] = [];
    for (const [name, one] of cases)
      await check(one).catch((error: Error) => wrong.push(`${name}: ${error.message.slice(0, 400)}`));
    expect(wrong).toEqual([]);
  }
  const named = (list: Route[]): [string, Route][] => list.map((route) => [`${route.method} ${route.path}`, route]);
  const withBody = () => routes.filter(({ body }) => body);

  it('covers the whole surface', () => {
    expect(routes.length).toBeGreaterThan(60);
    expect(withBody().length).toBeGreaterThan(20);
  });

  it('in JSON that is none is 400 INVALID_JSON', () =>
    each(named(withBody()), async (route) => {
      const answer = await send(route, at(route), '{"open": ');
      expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_JSON']);
      isProblem(answer);
    }));

  it('in a body of more than 1 MiB is 413, and of another type is 415', () =>
    each(named(withBody()), async (route) => {
      const large = await send(route, at(route), `{"x":"${'y'.repeat(MIB)}"}`);
      expect(large.status).toBe(413);
      isProblem(large);
      const xml = await send(route, at(route), '<x/>', { 'content-type': 'application/xml' });
      expect(xml.status).toBe(415);
      isProblem(xml);
    }));

  it('in a field that nobody knows is 400', () =>
    each(named(withBody()), async (route) => {
      const answer = await send(route, at(route), { surprise: true });
      expect([400, 401]).toContain(answer.status);
      isProblem(answer);
    }));

  it('in the type or size of each field is a refusal, never a 500', () => {
    const hostile = [
      null,
      -1,
      1.5,
      1e300,
      '',
      'x'.repeat(200_000),
      '\u0000',
      "'; DROP TABLE orders; --",
      [],
      {},
      [[[[]]]],
      true,
      '__proto__',
    ];
    const cases = withBody().flatMap((route) =>
      Object.keys(route.body.properties ?? {}).map((field): [string, { route: Route; field: string }] => [
        `${route.method} ${route.path} ${field}`,
        { route, field },
      ]),
    );
    return each(cases, async ({ route, field }) => {
      for (const value of hostile) {
        const answer = await send(route, at(route), { ...sample(route.body), [field]: value });
        if (answer.status >= 500) throw new Error(`${JSON.stringify(value)?.slice(0, 40)} gave ${answer.status}`);
        if (answer.status >= 400) isProblem(answer);
      }
    });
  });

  it('in each query parameter is a refusal or a plain answer, never a 500', () => {
    const hostile = ['-1', '1.5', '1e999', 'x'.repeat(5000), '%00', '%27%20OR%201=1--', '[object]', '%F0%9F%A5%9B', ''];
    const cases = routes
      .filter(({ path }) => !path.endsWith('/stream'))
      .flatMap((route) =>
        [...route.query, 'cursor', 'limit', 'surprise'].map((name): [string, { route: Route; name: string }] => [
          `${route.method} ${route.path} ?${name}`,
          { route, name },
        ]),
      );
    return each(cases, async ({ route, name }) => {
      for (const value of hostile) {
        const answer = await send(route, `${at(route)}?${name}=${value}`);
        if (answer.status >= 500) throw new Error(`${value.slice(0, 40)} gave ${answer.status}`);
        if (answer.status >= 400) isProblem(answer);
      }
    });
  });

  it('in a list’s limit or cursor is 400', () =>
    each(named(routes.filter(({ method, query }) => method === 'get' && query.includes('cursor'))), async (route) => {
      const required = route.query.includes('storeId') ? `&storeId=${newId()}` : '';
      for (const query of [
        'limit=0',
        'limit=101',
        'limit=many',
        'cursor=not-a-cursor',
        `cursor=${Buffer.from('{"a":1}').toString('base64url')}`,
      ]) {
        const answer = await send(route, `${at(route)}?${query}${required}`);
        if (![400, 404].includes(answer.status)) throw new Error(`${query} gave ${answer.status}`);
      }
    }));

  it('in an id is 400 or 404, and an id of nothing is 404', () =>
    each(named(routes.filter(({ idParams }) => idParams.some((name) => name !== 'provider'))), async (route) => {
      for (const id of [
        '1',
        'not-an-id',
        '..%2f..%2fetc',
        'x'.repeat(200),
        '%00',
        '00000000-0000-0000-0000-00000000000g',
      ]) {
        const answer = await send(route, at(route, id));
        if (![400, 401, 404, 414].includes(answer.status)) throw new Error(`${id.slice(0, 20)} gave ${answer.status}`);
        isProblem(answer);
      }
      if (HARMLESS.includes(`${route.method} ${route.path}`)) return;
      const nothing = await send(route, at(route), route.body && sample(route.body));
      if (nothing.status >= 500 || nothing.status < 400) throw new Error(`an id of nothing gave ${nothing.status}`);
      isProblem(nothing);
    }));

  it('in a path, method or header is a problem document too', async () => {
    for (const [method, path, status] of [
      ['get', '/api/v1/nothing', 404],
      ['delete', '/api/v1/products', 404],
      ['get', '/%zz', 400],
    ] as const) {
      const answer = await nakku.http[method](path);
      expect(answer.status).toBe(status);
      isProblem(answer);
    }
    for (const authorization of ['Bearer', 'Bearer x.y.z', 'Basic abc', `Bearer ${'x'.repeat(8000)}`]) {
      const answer = await nakku.http.get('/api/v1/orders', { headers: { authorization } });
      expect(answer.status).toBe(401);
      isProblem(answer);
    }
  });

  it('tells nobody what the server is made of', async () => {
    const { headers } = await nakku.http.get('/api/v1/products');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers.server).toBeUndefined();
  });
});

function routesOf(document: Loose): Route[] {
  return Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Loose>(methods).map(([method, operation]) => {
      const parameters: Loose[] = operation.parameters ?? [];
      const schema = operation.requestBody?.content?.['application/json']?.schema;
      return {
        method: method as Route['method'],
        path,
        query: parameters.filter((one) => one.in === 'query').map(({ name }) => name as string),
        idParams: parameters.filter((one) => one.in === 'path').map(({ name }) => name as string),
        body: schema && resolve(document, schema),
      };
    }),
  );
}

function resolve(document: Loose, schema: Loose): Loose {
  return schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)] : schema;
}

/** Something that fits the schema well enough to get past the other fields. */
function sample(schema: Loose): Loose {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0]);
  if (schema.type === 'object') {
    return Object.fromEntries(
      (schema.required ?? []).map((name: string) => [name, sample(schema.properties[name] ?? {})]),
    );
  }
  if (schema.type === 'array') return schema.minItems ? [sample(schema.items)] : [];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return newId();
  if (schema.format === 'email') return 'somebody@example.test';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00.000Z';
  return 'x'.repeat(Math.max(schema.minLength ?? 1, 3));
}
