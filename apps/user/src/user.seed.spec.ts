import { seedId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { User } from './user.entity.js';
import { UserModule } from './user.module.js';
import { UserSeed } from './user.seed.js';
import { UserService } from './user.service.js';

describe('the demo accounts', () => {
  let t: Harness;

  beforeAll(async () => {
    t = await domainHarness(UserModule);
    await t.get(UserSeed).seed();
  });
  afterAll(() => t.close());

  const login = (email: string, password: string) => t.http.post('/api/v1/users/login', { body: { email, password } });

  it.each([
    ['admin@nakku.test', 'nakku-admin-demo', { roles: ['admin'] }],
    [
      'staff.koramangala@nakku.test',
      'nakku-staff-demo',
      { roles: ['store_staff'], stores: [seedId('store:koramangala')] },
    ],
    ['rider12@nakku.test', 'nakku-rider-demo', { roles: ['rider'] }],
    ['customer@nakku.test', 'nakku-customer-demo', { roles: ['customer'] }],
  ])('let %s in', async (email, password, rights) => {
    const { status, body } = await login(email, password);

    expect(status).toBe(200);
    expect(body.user).toMatchObject({ id: seedId(`user:${email}`), ...rights });
  });

  it('have an address for the customer that can be delivered to', async () => {
    const userId = seedId('user:customer@nakku.test');

    expect(
      await t.get(UserService).getAddress({ userId, addressId: seedId('address:customer@nakku.test') }),
    ).toMatchObject({
      lat: 12.9352,
      lng: 77.6245,
      isDefault: true,
      serviceable: true,
    });
  });

  it('are made once', async () => {
    const before = await t.database.manager.find(User);
    await t.get(UserSeed).seed();

    expect(await t.database.manager.find(User)).toEqual(before);
    expect(before).toHaveLength(17);
  });

  it('are not added to a database that has accounts', async () => {
    const own = await domainHarness(UserModule);
    const body = { email: 'ann@example.test', password: 'correct horse', firstName: 'Ann', lastName: 'Rao' };
    await own.http.post('/api/v1/users/register', { body });
    await own.get(UserSeed).seed();

    expect(await own.database.manager.count(User)).toBe(1);
    await own.close();
  });
});
