import { LocationApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { type Input, type Output, unavailable } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { UserModule } from './user.module.js';
import { newUser } from './user.js';
import { UserRepository } from './user.repository.js';

const HOME = {
  label: 'Home',
  line1: '17th Main Road',
  city: 'Bengaluru',
  state: 'Karnataka',
  postalCode: '560034',
  country: 'IN',
};
const POINT = { lat: 12.9352, lng: 77.6245 };
const URL = '/api/v1/users/addresses';

describe('/users/addresses', () => {
  let t: Harness;
  let ann: Actor;
  const geocode = jest.fn<Promise<Output<LocationApi, 'geocode'>>, [Input<LocationApi, 'geocode'>]>();
  const serviceability = jest.fn<
    Promise<Output<LocationApi, 'serviceability'>>,
    [Input<LocationApi, 'serviceability'>]
  >();

  beforeAll(async () => {
    t = await domainHarness(UserModule, { fakes: [fake(LocationApi, { geocode, serviceability })] });
  });
  afterAll(() => t.close());
  beforeEach(async () => {
    geocode.mockReset().mockResolvedValue({ found: true, ...POINT });
    serviceability.mockReset().mockResolvedValue({ serviceable: true });
    ann = await somebody();
  });

  const somebody = async (): Promise<Actor> => {
    const user = newUser({ email: `${newId()}@example.test`, firstName: 'Ann', lastName: 'Rao' }, 'hash');
    await t.get(UserRepository).insert(user);
    return t.actor('customer', { id: user.id });
  };
  const add = (body: object = {}, as = ann) => t.http.post(URL, { as, body: { ...HOME, ...body } });
  const list = async (query = '', as = ann) => (await t.http.get(URL + query, { as })).body;
  const patch = (id: string, body: object, as = ann) => t.http.patch(`${URL}/${id}`, { as, body });
  const remove = (id: string, as = ann) => t.http.delete(`${URL}/${id}`, { as });
  const defaults = async () =>
    (await list()).items
      .filter(({ isDefault }: { isDefault: boolean }) => isDefault)
      .map(({ id }: { id: string }) => id);

  describe('a new one', () => {
    it('is found on the map, checked against the zones, saved and told', async () => {
      const { status, body } = await add({ line2: 'Flat 3' });

      expect(status).toBe(201);
      expect(body).toEqual({
        ...HOME,
        ...POINT,
        line2: 'Flat 3',
        id: expect.any(String),
        isDefault: true,
        serviceable: true,
      });
      expect(serviceability).toHaveBeenCalledWith(POINT);
      expect((await t.http.get(`${URL}/${body.id}`, { as: ann })).body).toEqual(body);
      expect(await t.published('user.address.added')).toContainEqual({
        userId: ann.id,
        addressId: body.id,
        serviceable: true,
      });
    });

    it('is not looked up when it comes with its point', async () => {
      expect((await add({ lat: 1.5, lng: -2.5 })).body).toMatchObject({ lat: 1.5, lng: -2.5 });
      expect(geocode).not.toHaveBeenCalled();
      expect(serviceability).toHaveBeenCalledWith({ lat: 1.5, lng: -2.5 });
    });

    it('is saved as out of reach when it lies outside every zone or nobody knows where it is', async () => {
      serviceability.mockResolvedValue({ serviceable: false, reason: 'OUT_OF_ZONE' });
      expect((await add()).body).toMatchObject({ serviceable: false, ...POINT });

      geocode.mockResolvedValue({ found: false });
      const { body } = await add();
      expect(body.serviceable).toBe(false);
      expect(body).not.toHaveProperty('lat');
    });

    it.each([['geocoding'], ['the zones']])('is not saved while %s cannot be asked', async (what) => {
      (what === 'geocoding' ? geocode : serviceability).mockRejectedValue(unavailable('location is down'));
      const { status, body, headers } = await add();

      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect(headers['retry-after']).toBeDefined();
      expect((await list()).items).toEqual([]);
    });

    it.each([
      { lat: 1 },
      { lng: 1 },
      { lat: 91, lng: 0 },
      { country: 'India' },
      { line1: '' },
      { label: 'x'.repeat(51) },
      { id: newId() },
      { serviceable: true },
    ])('is refused with %p', async (change) => expect((await add(change)).status).toBe(400));

    it('is the 50th at most, also of several at once', async () => {
      for (let i = 0; i < 48; i++) expect((await add()).status).toBe(201);
      const answers = await Promise.all([add(), add(), add(), add()]);

      expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422, 422]);
      expect(answers.find(({ status }) => status === 422)!.body.code).toBe('TOO_MANY_ADDRESSES');
    });
  });

  describe('the default', () => {
    it('is the first one, whatever it says of itself', async () => {
      const first = (await add({ isDefault: false })).body;
      const second = (await add()).body;

      expect([first.isDefault, second.isDefault]).toEqual([true, false]);
    });

    it('is one, however many want to be it at once', async () => {
      await Promise.all(Array.from({ length: 8 }, () => add({ isDefault: true })));

      expect(await defaults()).toHaveLength(1);
    });

    it('moves to a new or an edited address that asks for it', async () => {
      const first = (await add()).body;
      const second = (await add({ isDefault: true })).body;
      expect(await defaults()).toEqual([second.id]);

      expect((await patch(first.id, { isDefault: true })).body).toMatchObject({ id: first.id, isDefault: true });
      expect(await defaults()).toEqual([first.id]);
    });

    it('cannot be nobody', async () => {
      const first = (await add()).body;
      const second = (await add()).body;

      expect(await patch(first.id, { isDefault: false })).toMatchObject({
        status: 409,
        body: { code: 'ADDRESS_IS_DEFAULT' },
      });
      expect((await patch(second.id, { isDefault: false })).status).toBe(200);
      expect(await defaults()).toEqual([first.id]);
    });

    it('passes to the newest of the others when it is deleted', async () => {
      const [first, second, third] = [(await add()).body, (await add()).body, (await add()).body];

      expect((await remove(first.id)).status).toBe(204);
      expect(await defaults()).toEqual([third.id]);
      await remove(second.id);
      expect(await defaults()).toEqual([third.id]);
      await remove(third.id);
      expect((await add()).body.isDefault).toBe(true);
    });
  });

  describe('an edit', () => {
    it('looks the address up again when its lines change, and changes nothing else', async () => {
      const { body } = await add({ line2: 'Flat 3' });
      geocode.mockResolvedValue({ found: true, lat: 12, lng: 76 });
      serviceability.mockResolvedValue({ serviceable: false });
      const edited = (await patch(body.id, { city: 'Mysuru', line2: '' })).body;

      const { line2: _line2, ...rest } = body;
      expect(edited).toEqual({ ...rest, city: 'Mysuru', lat: 12, lng: 76, serviceable: false });
      expect(geocode.mock.lastCall![0]).toEqual({
        line1: HOME.line1,
        city: 'Mysuru',
        state: HOME.state,
        postalCode: HOME.postalCode,
        country: 'IN',
      });
      expect((await list()).items).toEqual([edited]);
      expect(await t.published('user.updated')).toContainEqual({ userId: ann.id, fields: ['addresses'] });
    });

    it('takes the point that comes with it', async () => {
      const { body } = await add();

      expect((await patch(body.id, { lat: 1, lng: 2 })).body).toMatchObject({ lat: 1, lng: 2 });
      expect(geocode).toHaveBeenCalledTimes(1);
      expect((await patch(body.id, { lat: 1 })).status).toBe(400);
    });

    it('of the label needs no map', async () => {
      const { body } = await add();
      geocode.mockRejectedValue(unavailable('location is down'));
      serviceability.mockRejectedValue(unavailable('location is down'));

      expect(await patch(body.id, { label: 'Work' })).toMatchObject({ status: 200, body: { ...body, label: 'Work' } });
      expect((await patch(body.id, { city: 'Mysuru' })).status).toBe(503);
      expect((await list()).items[0].city).toBe('Bengaluru');
    });

    it('does not overwrite another that was made while it looked the address up', async () => {
      const { body } = await add();
      serviceability.mockImplementationOnce(async () => {
        await patch(body.id, { label: 'Quicker' });
        return { serviceable: true };
      });

      expect(await patch(body.id, { city: 'Mysuru' })).toMatchObject({
        status: 409,
        body: { code: 'ADDRESS_CHANGED' },
      });
      expect((await list()).items[0]).toMatchObject({ label: 'Quicker', city: 'Bengaluru' });
    });
  });

  it('are listed newest first, page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await add()).body.id);
    const first = await list('?limit=3');
    const second = await list(`?limit=3&cursor=${first.nextCursor}`);

    expect([...first.items, ...second.items].map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    for (const query of ['?limit=0', '?limit=101', '?cursor=x', '?page=2'])
      expect((await t.http.get(URL + query, { as: ann })).status).toBe(400);
  });

  it('of others do not exist', async () => {
    const { body } = await add();
    const bob = await somebody();

    expect((await list('', bob)).items).toEqual([]);
    for (const answer of [
      await t.http.get(`${URL}/${body.id}`, { as: bob }),
      await patch(body.id, { label: 'Mine' }, bob),
      await remove(body.id, bob),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'ADDRESS_NOT_FOUND' } });
    expect((await list()).items).toEqual([body]);
  });

  it('need somebody who is signed in to an account that exists', async () => {
    expect((await t.http.get(URL)).status).toBe(401);
    for (const answer of [
      await add({}, t.actor('customer')),
      await t.http.get(URL, { as: t.actor('customer') }),
      await remove(newId(), t.actor('customer')),
    ])
      expect(answer).toMatchObject({ status: 401, body: { code: 'ACCOUNT_DELETED' } });
  });
});
