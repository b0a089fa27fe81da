import { Controller, Get, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ConfigModule, Environment } from '@nakku/config';
import { type Actor, bindContext, type Role } from '@nakku/observability';
import { Access } from './access.js';
import { CurrentActor, currentActor, GuestToken, OptionalActor, worksAt } from './actor.js';
import { AuthModule } from './auth.module.js';
import { TokenService } from './token.service.js';

@Controller()
class Doors {
  @Get('public') @Access('public') public(@OptionalActor() actor?: Actor) {
    return { actor: actor?.id ?? 'nobody' };
  }
  @Get('guest') @Access('guest') guest(@OptionalActor() actor: Actor | undefined, @GuestToken() token?: string) {
    return { actor: actor?.id ?? 'nobody', token };
  }
  @Get('user') @Access('user') user(@CurrentActor() actor: Actor) {
    return actor;
  }
  @Get('staff') @Access('store_staff', 'admin') staff() {
    return { actor: currentActor().id };
  }
  @Get('service') @Access('service') service(@OptionalActor() actor?: Actor) {
    return { actor: actor?.id ?? 'nobody' };
  }
  @Get('forgotten') forgotten() {
    return {};
  }
}

@Controller('admin')
@Access('admin')
class AdminDoors {
  @Get('inherits') inherits() {
    return {};
  }
  @Get('overrides') @Access('public') overrides() {
    return {};
  }
}

@Module({ controllers: [Doors, AdminDoors] })
class DoorsModule {}

describe('AccessGuard', () => {
  let app: NestFastifyApplication;
  let tokens: TokenService;

  beforeAll(async () => {
    const environment = new Environment({ LOG_LEVEL: 'silent' });
    const module = await Test.createTestingModule({
      imports: [ConfigModule.for(environment), AuthModule.for(), DoorsModule],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    bindContext(app.getHttpAdapter().getInstance());
    await app.init();
    tokens = app.get(TokenService);
  });
  afterAll(() => app.close());

  const get = async (url: string, headers: Record<string, string> = {}) => {
    const { statusCode, body } = await app.inject({ url, headers });
    return { status: statusCode, body: JSON.parse(body) };
  };
  const tokenOf = (...roles: Role[]) => tokens.signAccess({ id: 'ann', roles, stores: ['s1'], sessionId: 'session-1' });
  const as = async (url: string, ...roles: Role[]) => get(url, { authorization: `Bearer ${await tokenOf(...roles)}` });

  it('lets anybody through a public door, whatever token they carry', async () => {
    expect(await get('/public')).toEqual({ status: 200, body: { actor: 'nobody' } });
    expect(await get('/public', { authorization: 'Bearer rubbish' })).toEqual({
      status: 200,
      body: { actor: 'nobody' },
    });
  });

  it('knows a signed-in guest, and gives a guest’s cart token', async () => {
    expect((await get('/guest', { 'x-cart-token': 'cart-1' })).body).toEqual({ actor: 'nobody', token: 'cart-1' });
    expect((await as('/guest', 'customer')).body).toEqual({ actor: 'ann' });
    expect((await get('/guest', { 'x-cart-token': '' })).body).toEqual({ actor: 'nobody' });
  });

  it('tells a guest with a bad token so, instead of treating them as nobody', async () => {
    expect(await get('/guest', { authorization: 'Bearer rubbish' })).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_INVALID' },
    });
  });

  it('asks for a token where one is needed', async () => {
    for (const headers of [{}, { authorization: 'Basic YW5uOmFubg==' }, { authorization: 'Bearer ' }] as Record<
      string,
      string
    >[])
      expect(await get('/user', headers)).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } });
    expect(await get('/user', { authorization: 'Bearer rubbish' })).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_INVALID' },
    });
  });

  it('puts the whole actor where handlers find it, however the scheme is spelt', async () => {
    const actor = { id: 'ann', roles: ['customer'], stores: ['s1'], sessionId: 'session-1' };
    expect((await as('/user', 'customer')).body).toEqual(actor);
    expect((await get('/user', { authorization: `bearer ${await tokenOf('customer')}` })).body).toEqual(actor);
  });

  it('opens a door to each of the roles it names and to no other, not even admin by itself', async () => {
    expect((await as('/staff', 'store_staff')).status).toBe(200);
    expect((await as('/staff', 'customer', 'admin')).status).toBe(200);
    expect(await as('/staff', 'customer', 'rider')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await as('/staff')).status).toBe(403);
  });

  it('reads what a class declares, and prefers what the method declares', async () => {
    expect((await get('/admin/inherits')).status).toBe(401);
    expect((await as('/admin/inherits', 'customer')).status).toBe(403);
    expect((await get('/admin/overrides')).status).toBe(200);
  });

  it('keeps a door shut that says nothing', async () => {
    expect((await as('/forgotten', 'admin')).status).toBe(403);
  });

  it('lets services in by their own token, in the name of whom they say', async () => {
    const actor = JSON.stringify({ id: 'ann', roles: [], stores: [] });
    const authorization = `Bearer ${await tokens.signService('order')}`;

    expect((await get('/service', { authorization, 'x-nakku-actor': actor })).body).toEqual({ actor: 'ann' });
    expect((await get('/service', { authorization })).body).toEqual({ actor: 'nobody' });
    expect((await get('/service', { authorization, 'x-nakku-actor': '{' })).status).toBe(401);
  });

  it('believes nobody else about who is acting', async () => {
    const actor = JSON.stringify({ id: 'root', roles: ['admin'], stores: [] });

    expect((await as('/service', 'admin')).status).toBe(401);
    expect((await get('/service', { 'x-nakku-actor': actor })).status).toBe(401);
    expect((await get('/guest', { 'x-nakku-actor': actor })).body).toEqual({ actor: 'nobody' });
    expect((await get('/staff', { authorization: `Bearer ${await tokens.signService('order')}` })).status).toBe(401);
  });

  it('gives each request an actor of its own', async () => {
    const [signedIn, guest] = await Promise.all([as('/guest', 'customer'), get('/guest')]);
    expect([signedIn.body.actor, guest.body.actor]).toEqual(['ann', 'nobody']);
  });
});

describe('currentActor', () => {
  it('is a 401 outside any request', () => {
    expect(() => currentActor()).toThrow(expect.objectContaining({ status: 401 }));
  });
});

describe('worksAt', () => {
  const staff = (...stores: string[]): Actor => ({ id: 'ann', roles: ['store_staff'], stores });

  it('is true for staff of that store and for admins', () => {
    expect(worksAt(staff('s1', 's2'), 's2')).toBe(true);
    expect(worksAt({ id: 'root', roles: ['admin'], stores: [] }, 's2')).toBe(true);
  });

  it('is false for staff of other stores, and for customers whatever stores they carry', () => {
    expect(worksAt(staff('s1'), 's2')).toBe(false);
    expect(worksAt({ id: 'ann', roles: ['customer'], stores: ['s2'] }, 's2')).toBe(false);
  });
});
