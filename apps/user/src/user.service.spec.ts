import { LocationApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { UserModule } from './user.module.js';
import { newUser } from './user.js';
import { UserRepository } from './user.repository.js';
import { UserService } from './user.service.js';

const HOME = {
  label: 'Home',
  line1: '17th Main Road',
  city: 'Bengaluru',
  state: 'Karnataka',
  postalCode: '560034',
  country: 'IN',
  lat: 12.9,
  lng: 77.6,
};

describe('what other domains ask', () => {
  let t: Harness;
  let users: UserService;

  beforeAll(async () => {
    t = await domainHarness(UserModule, {
      fakes: [fake(LocationApi, { serviceability: async () => ({ serviceable: true }) })],
    });
    users = t.get(UserService);
  });
  afterAll(() => t.close());

  const create = async () => {
    const user = newUser(
      { email: `${newId()}@example.test`, firstName: 'Ann', lastName: 'Rao', phone: '+919876543210' },
      'hash',
    );
    await t.get(UserRepository).insert(user);
    return user;
  };
  const asUser = (id: string) => ({ as: t.actor('customer', { id }) });
  const remove = (id: string) => t.http.delete('/api/v1/users/profile', asUser(id));

  it('gives somebody’s own address and nobody else’s', async () => {
    const [ann, bob] = [await create(), await create()];
    const { body } = await t.http.post('/api/v1/users/addresses', { ...asUser(ann.id), body: HOME });

    expect(await users.getAddress({ userId: ann.id, addressId: body.id })).toEqual(body);
    for (const [userId, addressId] of [
      [bob.id, body.id],
      [ann.id, newId()],
      [newId(), body.id],
    ] as const)
      await expect(users.getAddress({ userId, addressId })).rejects.toMatchObject({
        status: 404,
        code: 'ADDRESS_NOT_FOUND',
      });
  });

  it('gives no address of an account that was deleted', async () => {
    const ann = await create();
    const { body } = await t.http.post('/api/v1/users/addresses', { ...asUser(ann.id), body: HOME });
    await remove(ann.id);

    await expect(users.getAddress({ userId: ann.id, addressId: body.id })).rejects.toMatchObject({
      code: 'ADDRESS_NOT_FOUND',
    });
  });

  it('tells how to reach somebody, and whom one should not try to reach any more', async () => {
    const ann = await create();
    expect(await users.getContact({ userId: ann.id })).toEqual({
      userId: ann.id,
      email: ann.email,
      phone: ann.phone,
      firstName: 'Ann',
      lastName: 'Rao',
      active: true,
    });

    await remove(ann.id);
    const after = await users.getContact({ userId: ann.id });
    expect(after.active).toBe(false);
    expect(JSON.stringify(after)).not.toMatch(/Rao|98765|example/);
    await expect(users.getContact({ userId: newId() })).rejects.toMatchObject({ status: 404, code: 'USER_NOT_FOUND' });
  });

  it('grants a role once, however often it is asked to', async () => {
    const ann = await create();
    for (let i = 0; i < 3; i++) await users.grantRole({ userId: ann.id, role: 'rider', stores: [] });

    expect((await t.get(UserRepository).byId(ann.id))?.roles).toEqual(['customer', 'rider']);
    expect((await t.published('user.updated')).filter(({ userId }) => userId === ann.id)).toHaveLength(1);
  });

  it('loses no role that is granted at the same time as another', async () => {
    const [ann, one, other] = [await create(), newId(), newId()];
    await Promise.all([
      users.grantRole({ userId: ann.id, role: 'rider', stores: [] }),
      users.grantRole({ userId: ann.id, role: 'store_staff', stores: [one] }),
      users.grantRole({ userId: ann.id, role: 'store_staff', stores: [other] }),
    ]);
    const { roles, stores } = (await t.get(UserRepository).byId(ann.id))!;

    expect(roles).toEqual(['customer', 'rider', 'store_staff']);
    expect([...stores].sort()).toEqual([one, other].sort());
  });

  it('grants nothing to an account that is not there', async () => {
    const ann = await create();
    await remove(ann.id);

    for (const userId of [ann.id, newId()])
      await expect(users.grantRole({ userId, role: 'rider', stores: [] })).rejects.toMatchObject({
        status: 404,
        code: 'USER_NOT_FOUND',
      });
  });
});
