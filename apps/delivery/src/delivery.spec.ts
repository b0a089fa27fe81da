import { distanceKm, etaAt, minutesBetween, plus, positionOf, ridingMs } from './delivery.js';

const store = { lat: 12.9346, lng: 77.6296 };
const at = Date.parse('2026-06-01T10:00:00.000Z');
const minute = 60_000;
/** 3 km straight ahead are 3.9 km of road: 13 minutes at 18 km/h. */
const north = (km: number) => ({ lat: store.lat + km / 111.195, lng: store.lng });
const minutesAfter = (instant: string) => (Date.parse(instant) - at) / minute;

describe('distances', () => {
  it('are great circles', () => {
    expect(distanceKm({ lat: 12.9716, lng: 77.5946 }, { lat: 13.0827, lng: 80.2707 })).toBeCloseTo(290.2, 0);
    expect(distanceKm(store, store)).toBe(0);
    expect(distanceKm({ lat: 0, lng: 0 }, { lat: 0, lng: 180 })).toBeCloseTo(20_015, 0);
  });

  it('are ridden at 18 km/h on roads that are 1.3 times as long', () => {
    expect(ridingMs(store, north(3)) / minute).toBeCloseTo(13, 1);
  });
});

describe('the ETA', () => {
  it('is the packing and the ride as long as there is no rider', () => {
    expect(minutesAfter(etaAt({ at, readyAt: at + 5 * minute, pickup: store, drop: north(3) }))).toBeCloseTo(18, 1);
  });

  it('does not count the way to the store when the bag takes longer than that', () => {
    const trip = { at, readyAt: at + 5 * minute, pickup: store, drop: north(3) };
    expect(etaAt({ ...trip, rider: north(1) })).toBe(etaAt(trip));
  });

  it('counts the way to the store when the bag is ready before the rider', () => {
    const eta = etaAt({ at, readyAt: at - minute, pickup: store, drop: north(3), rider: north(6) });
    expect(minutesAfter(eta)).toBeCloseTo(26 + 13, 1);
  });

  it('is the rest of the way once the rider has the bag', () => {
    const trip = { at, readyAt: at + 5 * minute, pickup: store, drop: north(3), pickedUp: true };
    expect(minutesAfter(etaAt({ ...trip, rider: north(1.5) }))).toBeCloseTo(6.5, 1);
    expect(minutesAfter(etaAt(trip))).toBeCloseTo(13, 1);
  });
});

it('counts whole minutes, and none backwards', () => {
  expect(minutesBetween('2026-06-01T10:00:00.000Z', '2026-06-01T10:17:40.000Z')).toBe(18);
  expect(minutesBetween('2026-06-01T10:00:00.000Z', '2026-06-01T09:59:00.000Z')).toBe(0);
});

it('adds milliseconds to an instant across midnight', () => {
  expect(plus('2026-06-01T23:59:59.900Z', 200)).toBe('2026-06-02T00:00:00.100Z');
});

it('knows no position with half of it missing', () => {
  expect(positionOf({ lat: 1, lng: null })).toBeUndefined();
  expect(positionOf({ lat: 0, lng: 0 })).toEqual({ lat: 0, lng: 0 });
});
