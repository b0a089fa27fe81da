/** A point on the map, in degrees. */
export interface LatLng {
  lat: number;
  lng: number;
}

/** How people ride. */
export interface Riding {
  LOCATION_DETOUR: number;
  LOCATION_RIDING_KMH: number;
}

const EARTH_METERS = 6_371_008.8;
const MIN_ETA = 10;
const MAX_ETA = 45;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The straight line between two points, in metres (haversine: the error is below 0.5 %). */
export function metersBetween(from: LatLng, to: LatLng): number {
  const [lat, lng] = [radians(to.lat - from.lat), radians(to.lng - from.lng)];
  const h = Math.sin(lat / 2) ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(lng / 2) ** 2;
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The way by road, estimated: whole metres, and whole minutes of riding, rounded up. */
export function ride(from: LatLng, to: LatLng, riding: Riding): { meters: number; minutes: number } {
  const meters = metersBetween(from, to) * riding.LOCATION_DETOUR;
  return { meters: Math.round(meters), minutes: Math.ceil((meters * 60) / (riding.LOCATION_RIDING_KMH * 1000)) };
}

/** From the order to the door, in minutes: never promised below 10, never feared above 45. */
export function etaMinutes(store: LatLng, door: LatLng, settings: Riding & { LOCATION_PREP_MINUTES: number }): number {
  const minutes = Math.ceil(settings.LOCATION_PREP_MINUTES + ride(store, door, settings).minutes);
  return Math.min(MAX_ETA, Math.max(MIN_ETA, minutes));
}
