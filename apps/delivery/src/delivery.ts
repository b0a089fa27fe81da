/** A place on earth, in degrees. */
export interface Point {
  lat: number;
  lng: number;
}

/** Where bags are fetched. */
export interface Pickup extends Point {
  name: string;
}

/**
 * How far an order's delivery is. `unconfirmed`: something was heard of the order before its confirmation was; the other
 * stages are part of the API.
 */
export type Stage =
  'unconfirmed' | 'waiting' | 'offered' | 'assigned' | 'picked_up' | 'completed' | 'failed' | 'cancelled';

export type RiderStatus = 'online' | 'offline' | 'busy';

/** The stages that a cancelled order's delivery is taken out of. */
export const CANCELLABLE: readonly Stage[] = ['unconfirmed', 'waiting', 'offered', 'assigned', 'picked_up'];

const EARTH_KM = 6371;
const SPEED_KMH = 18;
/** Streets are that much longer than the straight line. */
const ROAD_FACTOR = 1.3;
const HOUR_MS = 3_600_000;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The great-circle distance in kilometres (haversine). */
export function distanceKm(from: Point, to: Point): number {
  const north = Math.sin(radians(to.lat - from.lat) / 2) ** 2;
  const east = Math.sin(radians(to.lng - from.lng) / 2) ** 2;
  const a = north + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * east;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** How long a rider takes from one place to another, in milliseconds. */
export const ridingMs = (from: Point, to: Point): number =>
  Math.round(((distanceKm(from, to) * ROAD_FACTOR) / SPEED_KMH) * HOUR_MS);

/** What an ETA is made of; instants in epoch milliseconds. */
export interface Trip {
  at: number;
  /** When the bag is packed, or will be. */
  readyAt: number;
  pickup: Point;
  drop: Point;
  /** Where the rider is; at the store when nobody knows. */
  rider?: Point;
  pickedUp?: boolean;
}

/** When the bag will be at the door: to the store, wait for the bag, to the customer; once picked up only the last. */
export function etaAt({ at, readyAt, pickup, drop, rider = pickup, pickedUp = false }: Trip): string {
  const leavesAt = pickedUp ? at : Math.max(readyAt, at + ridingMs(rider, pickup));
  return new Date(leavesAt + ridingMs(pickedUp ? rider : pickup, drop)).toISOString();
}

/** Where somebody was seen last; undefined when nobody has. */
export const positionOf = ({ lat, lng }: { lat: number | null; lng: number | null }): Point | undefined =>
  lat === null || lng === null ? undefined : { lat, lng };

/** Whole minutes between two instants, never negative (clocks differ a little). */
export const minutesBetween = (from: string, to: string): number =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));

/** The same in a random order: copies of the service that sweep at once then share the work instead of meeting at each row. */
export const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** The instant `ms` milliseconds after another. */
export const plus = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();
