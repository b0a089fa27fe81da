import type { AddressRow } from './address.entity.js';
import { addressView, editedLines, givenPoint, moves } from './address.js';

const row: AddressRow = {
  id: 'a1',
  userId: 'u1',
  version: 1,
  label: 'Home',
  line1: '17th Main Road',
  line2: null,
  city: 'Bengaluru',
  state: 'Karnataka',
  postalCode: '560034',
  country: 'IN',
  lat: 12.9,
  lng: 77.6,
  serviceable: true,
};

describe('addressView', () => {
  it('says whether it is the default, and leaves out whose it is', () => {
    expect(addressView(row, 'a1')).toMatchObject({ isDefault: true, lat: 12.9, lng: 77.6 });
    expect(addressView(row, 'a2').isDefault).toBe(false);
    expect(addressView(row, null)).not.toHaveProperty('userId');
  });

  it('leaves out a second line and a point that are not there', () => {
    const view = addressView({ ...row, lat: null, lng: null }, null);
    for (const field of ['line2', 'lat', 'lng', 'version']) expect(view).not.toHaveProperty(field);
  });

  it('shows a point on the equator', () => {
    expect(addressView({ ...row, lat: 0, lng: 0 }, null)).toMatchObject({ lat: 0, lng: 0 });
  });
});

describe('an edit', () => {
  it.each([
    { line1: 'x' },
    { line2: '' },
    { city: 'x' },
    { state: 'x' },
    { postalCode: 'xyz' },
    { country: 'DE' },
    { lat: 1, lng: 1 },
  ])('of %p moves the address', (change) => expect(moves(change)).toBe(true));

  it('of the label alone does not', () => {
    expect(moves({ label: 'Work' })).toBe(false);
    expect(moves({})).toBe(false);
  });

  it('drops the point of the old lines', () => {
    expect(givenPoint(editedLines(row, { line1: 'Elsewhere' }))).toBeUndefined();
    expect(givenPoint(editedLines(row, { lat: 1, lng: 2 }))).toEqual({ lat: 1, lng: 2 });
  });

  it('keeps the lines that it does not mention', () => {
    expect(editedLines(row, { city: 'Mysuru' })).toMatchObject({
      line1: '17th Main Road',
      city: 'Mysuru',
      postalCode: '560034',
    });
  });
});
