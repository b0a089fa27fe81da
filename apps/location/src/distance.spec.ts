import { etaMinutes, metersBetween, ride } from './distance.js';

const KORAMANGALA = { lat: 12.9352, lng: 77.6245 };
const INDIRANAGAR = { lat: 12.9719, lng: 77.6412 };
const settings = { LOCATION_PREP_MINUTES: 8, LOCATION_DETOUR: 1.3, LOCATION_RIDING_KMH: 18 };
const north = (meters: number) => ({ lat: KORAMANGALA.lat + meters / 111_195.1, lng: KORAMANGALA.lng });

describe('the distance between two points', () => {
  it.each([
    ['across the city', KORAMANGALA, INDIRANAGAR, 4466],
    ['from London to Paris', { lat: 51.5074, lng: -0.1278 }, { lat: 48.8566, lng: 2.3522 }, 343_556],
    ['across the date line', { lat: 0, lng: 179.5 }, { lat: 0, lng: -179.5 }, 111_195],
    ['from pole to pole', { lat: 90, lng: 0 }, { lat: -90, lng: 0 }, 20_015_115],
  ])('%s is right to half a percent', (_, from, to, meters) => {
    expect(Math.abs(metersBetween(from, to) - meters) / meters).toBeLessThan(0.005);
    expect(metersBetween(to, from)).toBeCloseTo(metersBetween(from, to), 3);
  });

  it('is nothing to the point itself', () => {
    expect(ride(KORAMANGALA, KORAMANGALA, settings)).toEqual({ meters: 0, minutes: 0 });
  });

  it('by road is longer than the straight line, and begun minutes count', () => {
    expect(ride(KORAMANGALA, north(1000), settings)).toEqual({ meters: 1300, minutes: 5 });
  });
});

describe('the minutes to the door', () => {
  it.each([
    [0, 10],
    [400, 10],
    [1000, 13],
    [2000, 17],
    [50_000, 45],
  ])('over %i m are %i', (meters, minutes) => {
    expect(etaMinutes(KORAMANGALA, north(meters), settings)).toBe(minutes);
  });
});
