import { validate, version } from 'uuid';
import { newId, now, seedId } from './index.js';

const timeOf = (id: string): number => parseInt(id.replace('-', '').slice(0, 12), 16);

describe('ids and instants', () => {
  it('makes ids that sort by the order in which they were made', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(1000);
    expect(version(ids[0]!)).toBe(7);
  });

  it('writes an instant in UTC, with milliseconds, 24 characters long', () => {
    expect(now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('gives a key the same valid id at all times, dated 2026-01-01', () => {
    const id = seedId('product:MILK-1L');
    expect(seedId('product:MILK-1L')).toBe(id);
    expect(validate(id) && version(id)).toBe(7);
    expect(new Date(timeOf(id)).toISOString()).toBe('2026-01-01T00:00:00.000Z');
  });

  it('gives different keys different ids', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => seedId(`product:${i}`));
    expect(new Set(ids).size).toBe(20_000);
  });
});
