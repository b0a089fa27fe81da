import { domainHarness, type Harness } from '@nakku/testing';
import { AddressRow } from './address.entity.js';
import { AddressRepository } from './address.repository.js';
import { UserModule } from './user.module.js';

describe('/users/profile', () => {
  let t: Harness;
  let number = 0;

  beforeAll(async () => {
    t = await domainHarness(UserModule);
  });
  afterAll(() => t.close());

  const signUp = async (email = `ann${++number}@example.test`) => {
    const body = { email, password: 'correct horse', firstName: 'Ann', lastName: 'Rao', phone: '+919876543210' };
    return (await t.http.post('/api/v1/users/register', { body })).body;
  };
  const as = ({ accessToken }: { accessToken: string }) => ({ headers: { authorization: `Bearer ${accessToken}` } });
  const patch = (ann: { accessToken: string }, body: object) =>
    t.http.patch('/api/v1/users/profile', { ...as(ann), body });
  const get = (ann: { accessToken: string }) => t.http.get('/api/v1/users/profile', as(ann));

  it('shows one’s own account to whoever is signed in', async () => {
    const ann = await signUp();

    expect(await get(ann)).toMatchObject({ status: 200, body: ann.user });
    expect((await t.http.get('/api/v1/users/profile')).status).toBe(401);
  });

  it('changes what is given, and tells which fields', async () => {
    const ann = await signUp();
    const { status, body } = await patch(ann, { firstName: ' Anna ', phone: '+14155550100' });

    expect(status).toBe(200);
    expect(body).toEqual({ ...ann.user, firstName: 'Anna', phone: '+14155550100' });
    expect((await get(ann)).body).toEqual(body);
    expect(await t.published('user.updated')).toContainEqual({ userId: ann.user.id, fields: ['firstName', 'phone'] });
  });

  it('takes a phone number away', async () => {
    const ann = await signUp();

    expect((await patch(ann, { phone: null })).body).not.toHaveProperty('phone');
  });

  it('says nothing to the world when nothing is changed', async () => {
    const ann = await signUp();

    expect((await patch(ann, {})).body).toEqual(ann.user);
    expect(await t.published('user.updated')).not.toContainEqual(expect.objectContaining({ userId: ann.user.id }));
  });

  it.each([{ email: 'new@example.test' }, { roles: ['admin'] }, { firstName: '' }, { phone: 'x' }, { lastName: null }])(
    'refuses to change %p',
    async (body) => expect((await patch(await signUp(), body)).status).toBe(400),
  );

  describe('once deleted', () => {
    const remove = (ann: { accessToken: string }) => t.http.delete('/api/v1/users/profile', as(ann));

    it('leaves nothing personal behind, and tells', async () => {
      const ann = await signUp();
      const place = { label: 'Home', line1: 'x', line2: null, city: 'x', state: 'x', postalCode: 'xxx', country: 'IN' };
      await t
        .get(AddressRepository)
        .insert({ ...place, id: 'a1', userId: ann.user.id, version: 1, lat: null, lng: null, serviceable: false });

      expect((await remove(ann)).status).toBe(204);
      expect(await t.published('user.deleted')).toContainEqual({ userId: ann.user.id });
      expect(await t.database.manager.countBy(AddressRow, { userId: ann.user.id })).toBe(0);
      const rows = JSON.stringify(await t.database.manager.query('SELECT * FROM users WHERE id = ?', [ann.user.id]));
      expect(rows).not.toMatch(/Ann|Rao|98765|argon2|example\.test/);
    });

    it('lets nobody in any more: not by password, not by refresh token, not by what is left of an access token', async () => {
      const ann = await signUp();
      await remove(ann);
      const login = { email: ann.user.email, password: 'correct horse' };

      expect((await t.http.post('/api/v1/users/login', { body: login })).body.code).toBe('INVALID_CREDENTIALS');
      expect(
        (await t.http.post('/api/v1/users/token/refresh', { body: { refreshToken: ann.refreshToken } })).status,
      ).toBe(401);
      for (const answer of [await get(ann), await patch(ann, { firstName: 'Back' }), await remove(ann)])
        expect(answer).toMatchObject({ status: 401, body: { code: 'ACCOUNT_DELETED' } });
    });

    it('frees its e-mail for a new account', async () => {
      const ann = await signUp('again@example.test');
      await remove(ann);
      const second = await signUp('again@example.test');
      await remove(second);

      expect(second.user.id).not.toBe(ann.user.id);
      expect((await signUp('again@example.test')).user.email).toBe('again@example.test');
    });
  });
});
