import { newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { codeOf, isOpen, requireStore, storeView } from './store.js';

const KOLKATA = 'Asia/Kolkata'; // UTC+05:30, no summer time
const at = (local: string) => new Date(`2026-03-10T${local}:00+05:30`);
const store = (opensAt: string, closesAt: string, switchedOn = true) => ({ opensAt, closesAt, switchedOn });

describe('a store’s hours', () => {
  it.each([
    ['06:00', '22:30', '05:59', false],
    ['06:00', '22:30', '06:00', true],
    ['06:00', '22:30', '22:29', true],
    ['06:00', '22:30', '22:30', false],
    ['00:00', '24:00', '00:00', true],
    ['00:00', '24:00', '23:59', true],
    ['08:00', '24:00', '23:59', true],
    ['08:00', '24:00', '00:00', false],
    ['18:00', '00:00', '23:59', true],
    ['18:00', '00:00', '00:00', false],
    ['20:00', '02:00', '19:59', false],
    ['20:00', '02:00', '23:59', true],
    ['20:00', '02:00', '01:59', true],
    ['20:00', '02:00', '02:00', false],
  ])('%s to %s: at %s it is open: %s', (opensAt, closesAt, time, open) => {
    expect(isOpen(store(opensAt, closesAt), at(time), KOLKATA)).toBe(open);
  });

  it('are those of the store’s clock and not of UTC', () => {
    const midnightUtc = new Date('2026-03-10T00:00:00Z'); // 05:30 in Bengaluru
    expect(isOpen(store('05:00', '06:00'), midnightUtc, KOLKATA)).toBe(true);
    expect(isOpen(store('05:00', '06:00'), midnightUtc, 'UTC')).toBe(false);
  });

  it('do not matter while the switch is off', () => {
    expect(isOpen(store('00:00', '24:00', false), at('12:00'), KOLKATA)).toBe(false);
  });

  it('are told as the client sent them, beside whether it is open', () => {
    const row = { id: newId(), code: 'a', name: 'A', lat: 1, lng: 2, ...store('08:00', '24:00') };
    expect(storeView(row, at('07:00'), KOLKATA)).toEqual({
      ...{ id: row.id, code: 'a', name: 'A', lat: 1, lng: 2 },
      hours: { open: '08:00', close: '24:00' },
      open: false,
    });
  });
});

describe('a store’s code', () => {
  it.each([
    ['Nakku Jayanagar', 'nakku-jayanagar'],
    ['  4th Block, Kōramangala! ', '4th-block-koramangala'],
    ['ಕೋರಮಂಗಲ', ''],
    ['x'.repeat(63) + ' y', 'x'.repeat(63)],
  ])('of %s is %s', (name, code) => {
    expect(codeOf(name)).toBe(code);
  });
});

describe('who may look into a store', () => {
  const own = newId();
  const staff: Actor = { id: newId(), roles: ['store_staff'], stores: [own] };
  const admin: Actor = { id: newId(), roles: ['admin'], stores: [] };

  it('is its staff, and an admin', () => {
    expect(() => requireStore(staff, own)).not.toThrow();
    expect(() => requireStore(admin, newId())).not.toThrow();
    expect(() => requireStore(admin, undefined)).not.toThrow();
  });

  it('is not the staff of another store, who cannot even tell that it exists', () => {
    expect(() => requireStore(staff, newId())).toThrow('STORE_NOT_FOUND');
    expect(() => requireStore(staff, undefined)).toThrow('STORE_REQUIRED');
  });
});
