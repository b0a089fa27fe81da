import { domainHarness, type Harness } from '@nakku/testing';
import { OperatorService } from './operator.service.js';
import { UserModule } from './user.module.js';

const ASHA = { email: ' Asha@Example.com ', firstName: 'Asha', lastName: 'Rao', password: 'correct-horse' };

describe('an operator', () => {
  let t: Harness;
  beforeEach(async () => (t = await domainHarness(UserModule)));
  afterEach(() => t.close());
  const operator = () => t.get(OperatorService);

  it('makes an admin, of whom the other domains hear', async () => {
    const { id, email } = await operator().createAdmin(ASHA);
    expect(email).toBe('asha@example.com');
    expect(await operator().find('ASHA@example.com')).toEqual({ id, roles: ['admin'], stores: [] });
    expect(await t.published('user.registered')).toEqual([{ userId: id, email, firstName: 'Asha' }]);
    const { password } = ASHA;
    expect((await t.http.post('/api/v1/users/login', { body: { email, password } })).status).toBe(200);
  });

  it('makes one account of an e-mail, also of two at once', async () => {
    const results = await Promise.allSettled([operator().createAdmin(ASHA), operator().createAdmin(ASHA)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(operator().createAdmin(ASHA)).rejects.toMatchObject({ status: 409, code: 'EMAIL_TAKEN' });
  });

  it.each([
    ['password', 'short'],
    ['password', 'x'.repeat(129)],
    ['email', 'nobody'],
    ['firstName', ''],
  ])('is refused what registration refuses: %s %j', async (field, value) => {
    await expect(operator().createAdmin({ ...ASHA, [field]: value })).rejects.toMatchObject({
      status: 400,
      detail: expect.stringMatching(new RegExp(`^${field}: `)),
    });
    expect(await t.published()).toEqual([]);
  });

  it('finds nobody by an e-mail that is none, or of nobody, or of somebody who has gone', async () => {
    const { id } = await operator().createAdmin(ASHA);
    const actor = t.actor('admin', { id });
    expect(
      (await t.http.delete('/api/v1/users/profile', { as: actor, body: { password: ASHA.password } })).status,
    ).toBeLessThan(300);
    for (const email of ['nobody', 'nobody@example.com', ASHA.email.trim()])
      expect(await operator().find(email)).toBeUndefined();
  });
});
