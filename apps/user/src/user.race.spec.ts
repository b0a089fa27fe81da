import { Passwords } from '@nakku/auth';
import { LocationApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { domainHarness, fake, type Harness, type Loose } from '@nakku/testing';
import { AddressRow } from './address.entity.js';
import { Session } from './session.entity.js';
import { User } from './user.entity.js';
import { UserModule } from './user.module.js';

const PASSWORD = 'correct horse';
const ROUNDS = Array.from({ length: 6 }, (_, round) => round);

/** What happens to one account at the same moment, at two copies of the service. */
describe('two copies', () => {
  let copies: [Harness, Harness];

  beforeAll(async () => {
    const serviceability = async () => ({ serviceable: true });
    const options = { fakes: [fake(LocationApi, { serviceability })], env: { RATE_LIMITS: 'off' } };
    const first = await domainHarness(UserModule, options);
    copies = [first, await domainHarness(UserModule, { ...options, beside: first })];
    // Hashing is not what these tests are about.
    for (const passwords of new Set(copies.map((copy) => copy.get(Passwords)))) {
      jest.spyOn(passwords, 'hash').mockImplementation(async (password) => `hash of ${password}`);
      jest.spyOn(passwords, 'verify').mockImplementation(async (stored, password) => stored === `hash of ${password}`);
    }
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    for (const copy of copies.toReversed()) await copy.close();
  });

  const at = (i: number) => copies[i % 2]!;
  const post = (i: number, path: string, body: object, as?: Actor) =>
    at(i).http.post(`/api/v1/users/${path}`, { body, as });
  const register = (i: number, email: string) =>
    post(i, 'register', { email, password: PASSWORD, firstName: 'Ann', lastName: 'Rao' });
  const somebody = async () => {
    const email = `${newId()}@example.test`;
    const { user, refreshToken } = (await register(0, email)).body as Loose;
    return { email, refreshToken, actor: copies[0].actor('customer', { id: user.id as string }) };
  };
  const login = (i: number, email: string, password = PASSWORD) => post(i, 'login', { email, password });
  const refresh = (i: number, refreshToken: string) => post(i, 'token/refresh', { refreshToken });
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();
  const place = {
    label: 'Home',
    line1: '1',
    city: 'B',
    state: 'K',
    postalCode: '560034',
    country: 'IN',
    lat: 1,
    lng: 2,
  };
  const many = <T>(count: number, work: (i: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)));

  it('give an e-mail to one of those who register with it', async () => {
    for (const _ of ROUNDS) {
      const email = `${newId()}@example.test`;
      expect(statuses(await many(6, (i) => register(i, email)))).toEqual([201, 409, 409, 409, 409, 409]);
    }
  });

  it('exchange a refresh token once, and trust its session no more when both are asked', async () => {
    for (const _ of ROUNDS) {
      const { refreshToken, actor } = await somebody();
      const answers = await many(6, (i) => refresh(i, refreshToken));
      expect(statuses(answers)).toEqual([200, 401, 401, 401, 401, 401]);
      expect(await copies[0].database.manager.countBy(Session, { userId: actor.id })).toBe(0);
    }
  });

  it('let an account be guessed at ten times together, and forget that together', async () => {
    const { email } = await somebody();
    const guesses = () => many(24, (i) => login(i, email, 'wrong horse'));
    expect(statuses(await guesses())).toEqual([...Array(10).fill(401), ...Array(14).fill(429)]);
    expect((await login(1, email)).status).toBe(429);

    const other = await somebody();
    await many(9, (i) => login(i, other.email, 'wrong horse'));
    expect((await login(0, other.email)).status).toBe(200);
    expect(statuses(await many(9, (i) => login(i, other.email, 'wrong horse')))).toEqual(Array(9).fill(401));
  });

  it('leave no session of the old password when it is changed while somebody signs in and refreshes', async () => {
    for (const _ of ROUNDS) {
      const { email, actor, refreshToken } = await somebody();
      const change = { currentPassword: PASSWORD, newPassword: 'another horse' };
      const [changed, entered, refreshed] = await Promise.all([
        post(0, 'password/change', change, actor),
        login(1, email),
        refresh(1, refreshToken),
      ]);
      expect(changed.status).toBe(204);
      for (const { status, body } of [entered, refreshed])
        if (status === 200) expect((await refresh(0, (body as Loose).refreshToken as string)).status).toBe(401);
      expect(await copies[0].database.manager.countBy(Session, { userId: actor.id })).toBe(0);
      expect((await login(1, email, 'another horse')).status).toBe(200);
    }
  });

  it('keep fifty addresses at most, and exactly one of them the default', async () => {
    const { actor } = await somebody();
    const add = (i: number) => post(i, 'addresses', { ...place, isDefault: i % 3 === 0 }, actor);
    expect(statuses(await many(60, add))).toEqual([...Array(50).fill(201), ...Array(10).fill(422)]);
    const { items } = (await at(1).http.get('/api/v1/users/addresses?limit=100', { as: actor })).body as Loose;
    expect(items).toHaveLength(50);
    expect(items.filter(({ isDefault }: Loose) => isDefault)).toHaveLength(1);
  });

  it('leave a default as long as there is an address', async () => {
    for (const _ of ROUNDS) {
      const { actor } = await somebody();
      const ids = (await many(3, (i) => post(i, 'addresses', place, actor))).map(
        ({ body }) => (body as Loose).id as string,
      );
      const remove = (id: string, i: number) => at(i).http.delete(`/api/v1/users/addresses/${id}`, { as: actor });
      await Promise.all([...ids.map(remove), post(1, 'addresses', place, actor)]);
      const [left] = await copies[0].database.manager.findBy(AddressRow, { userId: actor.id });
      const { defaultAddressId } = await copies[0].database.manager.findOneByOrFail(User, { id: actor.id });
      expect(defaultAddressId).toBe(left!.id);
    }
  });

  it('leave nothing of an account that is deleted while it is used', async () => {
    for (const _ of ROUNDS) {
      const { actor, email, refreshToken } = await somebody();
      await Promise.all([
        post(1, 'addresses', place, actor),
        at(0).http.delete('/api/v1/users/profile', { as: actor }),
        login(1, email),
        refresh(1, refreshToken),
      ]);
      const { manager } = copies[0].database;
      expect(await manager.countBy(AddressRow, { userId: actor.id })).toBe(0);
      expect(await manager.countBy(Session, { userId: actor.id })).toBe(0);
    }
  });
});
