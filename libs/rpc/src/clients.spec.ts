import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { Controller, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessGuard, TokenService } from '@nakku/auth';
import { CoreSettings, Environment } from '@nakku/config';
import { bindContext, currentContext, newContext, withContext } from '@nakku/observability';
import { z } from 'zod';
import {
  api,
  type Api,
  contract,
  fixed,
  httpClient,
  type Input,
  internalController,
  localClient,
  Peer,
  Problem,
  ProblemFilter,
  unprocessable,
  Upstreams,
} from './index.js';

const stock = contract('stock', {
  reserve: {
    input: z.object({ sku: z.string(), quantity: z.int().positive() }),
    output: z.object({ left: z.int() }),
    errors: ['OUT_OF_STOCK'],
    idempotent: true,
  },
  whoAmI: { input: z.object({}), output: z.object({ actor: z.string(), trace: z.string(), hasDeadline: z.boolean() }) },
  wrongOutput: { input: z.object({}), output: z.object({ left: z.int() }) },
  crash: { input: z.object({}), output: z.object({}) },
  slow: { input: z.object({}), output: z.object({}) },
  count: { input: z.object({}), output: z.object({ calls: z.int() }), idempotent: true },
});
class StockApi extends api(stock) {}

class StockService implements StockApi {
  calls = 0;
  async reserve({ sku, quantity }: Input<StockApi, 'reserve'>) {
    if (sku === 'none') throw unprocessable('OUT_OF_STOCK', 'There is none left.', { available: 0 });
    return { left: 10 - quantity, secret: 'not in the contract' };
  }
  async whoAmI() {
    const { actor, traceparent, deadline } = currentContext();
    return { actor: actor?.id ?? 'nobody', trace: traceparent.split('-')[1]!, hasDeadline: deadline !== undefined };
  }
  async wrongOutput() {
    return { left: 'many' as unknown as number };
  }
  async crash(): Promise<Record<string, never>> {
    throw new TypeError('secret detail');
  }
  slow(): Promise<Record<string, never>> {
    return new Promise((resolve) => setTimeout(resolve, 4000, {}).unref());
  }
  async count() {
    return { calls: ++this.calls };
  }
}

@Controller()
class Nothing {}
@Module({ controllers: [Nothing] })
class PeerModule {}

const TIMEOUT_MS = 1000;
const core = new Environment({ NODE_ENV: 'test' }).get(CoreSettings);
const tokens = new TokenService(core);

const refusal = (call: Promise<unknown>): Promise<Problem> =>
  call.then(
    () => Promise.reject(new Error('was not refused')),
    (error: unknown) => error as Problem,
  );

describe.each(['local', 'http', 'http, doubled'])('a call between domains (%s)', (kind) => {
  let app: NestFastifyApplication | undefined;
  let service: StockService;
  let client: Api<typeof stock>;
  let upstreams: Upstreams | undefined;

  beforeEach(async () => {
    service = new StockService();
    if (kind === 'local') {
      client = localClient(stock, () => service, TIMEOUT_MS);
      return;
    }
    const module = {
      module: PeerModule,
      controllers: [internalController(stock, () => service)],
      providers: [
        { provide: TokenService, useValue: tokens },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
    const adapter = new FastifyAdapter();
    bindContext(adapter.getInstance() as never);
    app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    upstreams = new Upstreams(
      'stock',
      fixed(() => [`http://127.0.0.1:${port}`]),
    );
    const token = () => tokens.signService('test');
    const double = kind.endsWith('doubled');
    client = httpClient(stock, new Peer({ upstreams, timeoutMs: TIMEOUT_MS, token, double }));
  });
  afterEach(async () => {
    await upstreams?.close();
    await app?.close();
    app = upstreams = undefined;
  });

  it('answers what the contract says, and nothing more', async () => {
    expect(await client.reserve({ sku: 'milk', quantity: 3 })).toEqual({ left: 7 });
  });

  it('keeps an expected failure with its status, code and members', async () => {
    const problem = await refusal(client.reserve({ sku: 'none', quantity: 1 }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 422, code: 'OUT_OF_STOCK', detail: 'There is none left.' });
    expect(problem.toBody()).toMatchObject({ available: 0 });
  });

  it('refuses an input that the contract does not allow, naming the field', async () => {
    const problem = await refusal(client.reserve({ sku: 'milk', quantity: -1 }));
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_INPUT', options: { errors: [{ path: 'quantity' }] } });
  });

  it('turns a bug of the peer into a bare 500 that tells nothing', async () => {
    for (const call of [() => client.crash({}), () => client.wrongOutput({})]) {
      const problem = await refusal(call());
      expect(problem).toMatchObject({ status: kind === 'local' || problem.status === 500 ? 500 : 0, code: 'INTERNAL' });
      expect(problem.detail).not.toContain('secret');
    }
  });

  it('carries who is acting and the trace, and sets a deadline', async () => {
    const context = newContext({ actor: { id: 'u-1', roles: ['customer'], stores: [] } });
    const seen = await withContext(context, () => client.whoAmI({}));
    expect(seen).toEqual({ actor: 'u-1', trace: context.traceparent.split('-')[1], hasDeadline: true });
  });

  it('gives up at the deadline with 503, which says that it may have run', async () => {
    const startedAt = Date.now();
    expect(await refusal(client.slow({}))).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    expect(Date.now() - startedAt).toBeLessThan(3500);
  });

  it('runs an idempotent call once, or twice where the test asks for it', async () => {
    const { calls } = await client.count({});
    expect(calls).toBe(kind.endsWith('doubled') ? 2 : 1);
  });
});

describe('a peer of two copies, one of which is gone', () => {
  it('is called at the other one, also where the call must not run twice', async () => {
    let calls = 0;
    const server = createServer((_request, response) => {
      calls++;
      response.end('{"actor":"a","trace":"t","hasDeadline":true}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const upstreams = new Upstreams(
      'stock',
      fixed(() => ['http://127.0.0.1:1', `http://127.0.0.1:${port}`]),
    );
    const client = httpClient(stock, new Peer({ upstreams, timeoutMs: 1000, token: async () => 'x' }));
    for (let i = 0; i < 4; i++) expect(await client.whoAmI({})).toMatchObject({ actor: 'a' });
    expect(calls).toBe(4);
    await upstreams.close();
    server.close();
  });
});

const UNREACHABLE = { status: 503, code: 'UNAVAILABLE', options: { headers: { 'retry-after': '1' } } };

describe('a peer that is not there', () => {
  it('is 503 UNAVAILABLE with Retry-After', async () => {
    const upstreams = new Upstreams(
      'stock',
      fixed(() => ['http://127.0.0.1:1']),
    );
    const client = httpClient(stock, new Peer({ upstreams, timeoutMs: 1000, token: async () => 'x' }));
    for (let i = 0; i < 6; i++) expect(await refusal(client.count({}))).toMatchObject(UNREACHABLE);
    await upstreams.close();
  });
});

describe('a peer that hangs up on everybody', () => {
  let upstreams: Upstreams;
  let asked = 0;
  const server = createTcpServer((socket) => {
    asked++;
    socket.destroy();
  });
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    upstreams = new Upstreams(
      'stock',
      fixed(() => [`http://127.0.0.1:${port}`]),
    );
  });
  afterAll(async () => {
    await upstreams.close();
    server.close();
  });

  it('is 503 UNAVAILABLE with Retry-After, and is not even asked when it has failed a few times', async () => {
    const client = httpClient(stock, new Peer({ upstreams, timeoutMs: 1000, token: async () => 'x' }));
    for (let i = 0; i < 6; i++) expect(await refusal(client.count({}))).toMatchObject(UNREACHABLE);
    const before = asked;
    expect(await refusal(client.whoAmI({}))).toMatchObject(UNREACHABLE);
    expect(before).toBeGreaterThan(0);
    expect(asked).toBe(before);
  });
});

describe('the internal routes', () => {
  it('let nobody in without a service token', async () => {
    const guard = new AccessGuard({ getAllAndOverride: () => ['service'] } as never, tokens);
    const asked = (authorization?: string) =>
      guard.canActivate({
        getType: () => 'http',
        getHandler: () => undefined,
        getClass: () => undefined,
        switchToHttp: () => ({ getRequest: () => ({ headers: { authorization } }) }),
      } as never);
    await expect(asked()).rejects.toMatchObject({ status: 401 });
    const user = await tokens.signAccess({ id: 'u', roles: ['admin'], stores: [] });
    await expect(asked(`Bearer ${user}`)).rejects.toMatchObject({ status: 401 });
    await expect(asked(`Bearer ${await tokens.signService('order')}`)).resolves.toBe(true);
  });
});
