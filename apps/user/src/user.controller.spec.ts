import { newId } from '@nakku/database';
import type { Actor, Role } from '@nakku/observability';
import { domainHarness, type Harness } from '@nakku/testing';
import { UserModule } from './user.module.js';
import { newUser } from './user.js';
import { UserRepository } from './user.repository.js';

describe('what admins do', () => {
  let t: Harness;
  let admin: Actor;

  beforeAll(async () => {
    t = await domainHarness(UserModule);
    admin = t.actor('admin');
  });
  afterAll(() => t.close());

  const create = async (email: string, roles: Role[] = ['customer'], stores: string[] = []) => {
    const user = newUser({ email, firstName: 'Ann', lastName: 'Rao' }, 'hash', roles, stores);
    await t.get(UserRepository).insert(user);
    return user.id;
  };
  const setRoles = (id: string, body: object, as = admin) => t.http.patch(`/api/v1/users/${id}/roles`, { as, body });
  const emails = ({ items }: { items: { email: string }[] }) => items.map(({ email }) => email);
  const list = async (query: string) => (await t.http.get(`/api/v1/users?${query}`, { as: admin })).body;

  describe('GET /users', () => {
    beforeAll(async () => {
      for (const name of ['lisa', 'lisa.b', 'lisb', 'liz_y', 'liz%']) await create(`${name}@list.test`);
      await create('lisa.rider@list.test', ['customer', 'rider']);
      await create('only.rider@list.test', ['rider']);
      await create('only.staff@list.test', ['store_staff'], [newId()]);
    });

    it('finds accounts by the beginning of their e-mail, in its order', async () => {
      expect(emails(await list('q=LIS'))).toEqual([
        'lisa.b@list.test',
        'lisa.rider@list.test',
        'lisa@list.test',
        'lisb@list.test',
      ]);
      expect(emails(await list('q=lisa@'))).toEqual(['lisa@list.test']);
      expect(emails(await list('q=isa'))).toEqual([]);
    });

    it('takes the signs of a pattern for what they are', async () => {
      expect(emails(await list('q=liz_'))).toEqual(['liz_y@list.test']);
      expect(emails(await list('q=%25'))).toEqual([]);
    });

    it('finds accounts by role', async () => {
      expect(emails(await list('role=rider'))).toEqual(['lisa.rider@list.test', 'only.rider@list.test']);
      expect(emails(await list('role=store_staff'))).toEqual(['only.staff@list.test']);
      expect(emails(await list('role=customer&q=lisa.'))).toEqual(['lisa.b@list.test', 'lisa.rider@list.test']);
      expect(emails(await list('role=customer'))).not.toContain('only.rider@list.test');
    });

    it('gives every account once, page by page', async () => {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await list(`limit=3${cursor}`);
        seen.push(...emails(page));
        cursor = page.nextCursor && `&cursor=${page.nextCursor}`;
      } while (cursor);

      expect(seen).toEqual(emails(await list('limit=100')));
      expect(new Set(seen).size).toBe(8);
    });

    it('shows no hash, and no deleted account', async () => {
      const id = await create('gone@list.test');
      await t.http.delete('/api/v1/users/profile', { as: t.actor('customer', { id }) });
      const { body } = await t.http.get('/api/v1/users?limit=100', { as: admin });

      expect(JSON.stringify(body)).not.toMatch(/hash|deleted/i);
      expect(body.items[0]).toMatchObject({ email: expect.any(String), roles: expect.any(Array) });
    });

    it.each(['role=king', 'limit=0', 'limit=101', 'cursor=x', 'page=1', `q=${'x'.repeat(192)}`])(
      'refuses ?%s',
      async (query) => {
        expect((await t.http.get(`/api/v1/users?${query}`, { as: admin })).status).toBe(400);
      },
    );
  });

  describe('PATCH /users/:id/roles', () => {
    it('replaces the roles and tells', async () => {
      const id = await create(`${newId()}@roles.test`);

      expect(await setRoles(id, { roles: ['rider', 'customer', 'rider'] })).toMatchObject({
        status: 200,
        body: { id, roles: ['customer', 'rider'] },
      });
      expect((await setRoles(id, { roles: ['admin'] })).body.roles).toEqual(['admin']);
      expect((await t.published('user.updated')).filter(({ userId }) => userId === id)).toEqual([
        { userId: id, fields: ['roles'] },
        { userId: id, fields: ['roles'] },
      ]);
    });

    it('tells nobody of a change that is none', async () => {
      const id = await create(`${newId()}@roles.test`);

      expect((await setRoles(id, { roles: ['customer'] })).status).toBe(200);
      expect((await t.published('user.updated')).filter(({ userId }) => userId === id)).toEqual([]);
    });

    it('gives staff their stores, and takes the stores with the role', async () => {
      const [id, store] = [await create(`${newId()}@roles.test`), newId()];

      expect((await setRoles(id, { roles: ['store_staff'], stores: [store] })).body).toMatchObject({
        roles: ['store_staff'],
        stores: [store],
      });
      expect((await setRoles(id, { roles: ['customer'], stores: [store] })).body).not.toHaveProperty('stores');
    });

    it.each([
      { roles: ['store_staff'] },
      { roles: ['store_staff'], stores: [] },
      { roles: [] },
      { roles: ['king'] },
      { roles: ['store_staff'], stores: ['koramangala'] },
      {},
    ])('refuses %p', async (body) => expect((await setRoles(newId(), body)).status).toBe(400));

    it('lets an admin change everything of their own but the admin role', async () => {
      const me = t.actor('admin', { id: await create(`${newId()}@roles.test`, ['admin']) });

      expect(await setRoles(me.id, { roles: ['customer'] }, me)).toMatchObject({
        status: 409,
        body: { code: 'OWN_ADMIN_ROLE' },
      });
      expect((await setRoles(me.id, { roles: ['admin', 'rider'] }, me)).body.roles).toEqual(['admin', 'rider']);
      expect((await setRoles(me.id, { roles: ['customer'] })).status).toBe(200);
    });

    it('knows no account that is not there', async () => {
      expect(await setRoles(newId(), { roles: ['rider'] })).toMatchObject({
        status: 404,
        body: { code: 'USER_NOT_FOUND' },
      });
      expect((await setRoles('profile', { roles: ['rider'] })).status).toBe(400);
    });
  });

  it('is for admins', async () => {
    for (const role of ['customer', 'rider', 'store_staff'] as const) {
      const as = t.actor(role);
      expect((await t.http.get('/api/v1/users', { as })).status).toBe(403);
      expect((await setRoles(as.id, { roles: ['admin'] }, as)).status).toBe(403);
    }
    expect((await t.http.get('/api/v1/users')).status).toBe(401);
  });
});
