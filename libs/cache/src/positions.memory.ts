/** A point, in degrees. */
export interface Place {
  lat: number;
  lng: number;
}

/** A point, and when somebody was there, in epoch milliseconds. */
export interface Position extends Place {
  at: number;
}

/** A rider that was found, and how far he was. */
export interface Found extends Position {
  riderId: string;
  meters: number;
}

/** The radius of the earth, in meters, that Redis reckons with. */
const EARTH = 6372797.560856;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The distance between two points, in meters, by the haversine formula. */
function metersBetween(a: Place, b: Place): number {
  const lat = Math.sin(radians(b.lat - a.lat) / 2);
  const lng = Math.sin(radians(b.lng - a.lng) / 2);
  return 2 * EARTH * Math.asin(Math.sqrt(lat * lat + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * lng * lng));
}

/** At most `limit` of these within the radius, the nearest first. */
export function within(
  riders: readonly (readonly [string, Position])[],
  center: Place,
  radiusMeters: number,
  limit: number,
): Found[] {
  return riders
    .map(([riderId, position]) => ({ riderId, meters: metersBetween(center, position), ...position }))
    .filter(({ meters }) => meters <= radiusMeters)
    .sort((a, b) => a.meters - b.meters)
    .slice(0, limit);
}
