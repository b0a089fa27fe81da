import { anonymised, newUser, rolesAndStores, userView } from './user.js';

const ann = { email: 'ann@example.test', firstName: 'Ann', lastName: 'Rao' };

describe('a user', () => {
  it('is shown without the hash, and without what is not there', () => {
    const view = userView(newUser(ann, 'the-hash'));

    expect(view).toEqual({
      ...ann,
      id: expect.any(String),
      roles: ['customer'],
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(JSON.stringify(view)).not.toContain('the-hash');
  });

  it('is shown with phone and stores where there are some', () => {
    expect(userView(newUser({ ...ann, phone: '+919876543210' }, 'h', ['store_staff'], ['s1']))).toMatchObject({
      phone: '+919876543210',
      stores: ['s1'],
      roles: ['store_staff'],
    });
  });

  it('is a customer and nothing more when new', () => {
    expect(newUser(ann, 'h')).toMatchObject({ roles: ['customer'], stores: [], elevated: false, deletedAt: null });
  });
});

describe('rolesAndStores', () => {
  it('keeps each role and store once, in an order of its own', () => {
    expect(rolesAndStores(['store_staff', 'customer', 'store_staff'], ['s2', 's1', 's2'])).toEqual({
      roles: ['customer', 'store_staff'],
      stores: ['s2', 's1'],
      elevated: true,
    });
  });

  it('forgets the stores of somebody who does not work in one', () => {
    expect(rolesAndStores(['rider'], ['s1']).stores).toEqual([]);
  });

  it('marks everybody who is more than a customer', () => {
    expect(rolesAndStores(['customer'], []).elevated).toBe(false);
    for (const role of ['rider', 'store_staff', 'admin'] as const)
      expect(rolesAndStores(['customer', role], []).elevated).toBe(true);
  });
});

describe('anonymised', () => {
  it('leaves nothing of a person, and a different e-mail for each account', () => {
    const rest = {
      ...newUser({ ...ann, phone: '+919876543210' }, 'the-hash'),
      ...anonymised('id-1', '2026-01-01T00:00:00.000Z'),
    };

    expect(JSON.stringify(rest)).not.toMatch(/ann|rao|9876543210|the-hash/i);
    expect(rest.email).not.toBe(anonymised('id-2', '2026-01-01T00:00:00.000Z').email);
  });
});
