import { Controller, Delete, Get, Module, Post, Res } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CacheModule, RecentWriters } from '@nakku/cache';
import { ConfigModule, Environment } from '@nakku/config';
import { bindContext, currentContext, ObservabilityModule } from '@nakku/observability';
import type { FastifyReply } from 'fastify';
import { Access } from './access.js';
import { AuthModule } from './auth.module.js';
import { rememberWriters, ReplicaReads } from './replica.reads.js';
import { TokenService } from './token.service.js';

const reads = () => ({ reads: currentContext().reads ?? 'primary' });

@Controller()
class Shelf {
  @Get('mine') @Access('user') mine() {
    return reads();
  }
  @Get('all') @Access('public') all() {
    return reads();
  }
  @Get('basket') @Access('guest') basket() {
    return reads();
  }
  @Get('internal/read') @Access('service') internal() {
    return reads();
  }
  @Post('internal/write') @Access('service') internalWrite() {
    return reads();
  }
  @Post('mine') @Access('user') write() {
    return reads();
  }
  @Delete('mine') @Access('user') fail() {
    throw new Error('after the commit');
  }
  @Post('basket') @Access('guest') fill(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.header('x-cart-token', 'new-guest');
    return reads();
  }
}

@Module({ controllers: [Shelf] })
class ShelfModule {}

const AN_AGE_MS = 60_000;

describe.each([true, false])('reads of a process, its databases having replicas: %p', (replicas) => {
  let app: NestFastifyApplication;
  let tokens: TokenService;

  beforeAll(async () => {
    const environment = new Environment({ LOG_LEVEL: 'silent', ...(replicas ? { ORDER_DB_REPLICA_HOSTS: 'r1' } : {}) });
    const base = [ConfigModule.for(environment), ObservabilityModule.for(), CacheModule.for(), AuthModule.for()];
    const module = await Test.createTestingModule({ imports: [...base, ShelfModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    bindContext(app.getHttpAdapter().getInstance());
    rememberWriters(app.getHttpAdapter().getInstance(), app.get(ReplicaReads));
    await app.init();
    tokens = app.get(TokenService);
  });
  afterAll(() => app?.close());

  const from = replicas ? 'replica' : 'primary';
  const signedIn = async (id: string, ageMs = AN_AGE_MS) => {
    jest.useFakeTimers({ now: Date.now() - ageMs, doNotFake: ['nextTick', 'setImmediate'] });
    const token = await tokens.signAccess({ id, roles: ['customer'], stores: [] }).finally(() => jest.useRealTimers());
    return { authorization: `Bearer ${token}` };
  };
  const asked = async (method: 'GET' | 'POST' | 'DELETE', url: string, headers: Record<string, string> = {}) =>
    (await app.inject({ method, url, headers })).json().reads;

  it('go to a replica for somebody who has not written lately, also where nobody needs to sign in', async () => {
    const ann = await signedIn('ann');
    expect(await asked('GET', '/mine', ann)).toBe(from);
    expect(await asked('GET', '/all', ann)).toBe(from);
    expect(await asked('GET', '/all')).toBe(from);
    expect(await asked('GET', '/all', { authorization: 'Bearer rubbish' })).toBe(from);
    expect(await asked('GET', '/basket', { 'x-cart-token': 'a-guest' })).toBe(from);
  });

  it('go to the primary for somebody who has just written, and for nobody else', async () => {
    const [bob, eve] = await Promise.all([signedIn('bob'), signedIn('eve')]);
    expect(await asked('POST', '/mine', bob)).toBe('primary');

    expect(await asked('GET', '/mine', bob)).toBe('primary');
    expect(await asked('GET', '/all', bob)).toBe('primary');
    expect(await asked('GET', '/mine', eve)).toBe(from);
  });

  it('go to the primary after a write that failed: part of it may have been done', async () => {
    const dan = await signedIn('dan');
    await asked('DELETE', '/mine', dan);
    expect(await asked('GET', '/mine', dan)).toBe('primary');
  });

  it('go to the primary for a guest who has just written, also with the token given out by that write', async () => {
    await asked('POST', '/basket', { 'x-cart-token': 'old-guest' });
    for (const guest of ['old-guest', 'new-guest'])
      expect(await asked('GET', '/basket', { 'x-cart-token': guest })).toBe('primary');
  });

  it('go to the primary for who has just got the token: signing in may have been a write', async () => {
    expect(await asked('GET', '/mine', await signedIn('new', 0))).toBe('primary');
  });

  it('go where the calling service says, which is itself no writer', async () => {
    const authorization = `Bearer ${await tokens.signService('order')}`;
    const actor = JSON.stringify({ id: 'kim', roles: [], stores: [] });
    const headers = { authorization, 'x-nakku-actor': actor };

    expect(await asked('GET', '/internal/read', { ...headers, 'x-nakku-reads': 'replica' })).toBe('replica');
    expect(await asked('GET', '/internal/read', headers)).toBe('primary');
    expect(await asked('POST', '/internal/write', headers)).toBe('primary');
    expect(await app.get(RecentWriters).has('user kim')).toBe(false);
  });

  it('do not go to a replica because a client says so', async () => {
    expect(await asked('GET', '/mine', { ...(await signedIn('new', 0)), 'x-nakku-reads': 'replica' })).toBe('primary');
  });
});
