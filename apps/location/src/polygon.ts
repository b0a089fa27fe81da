import { metersBetween } from './distance.js';

/** A position as GeoJSON has it: longitude first. */
export type Point = readonly [lng: number, lat: number];
/** The points around an area; the last one is the first one again. */
export type Ring = readonly Point[];
/** GeoJSON of an area without holes. */
export interface Polygon {
  type: 'Polygon';
  coordinates: Ring[];
}

/** Floating point cannot tell points apart that are closer than this (degrees; a tenth of a millimetre). */
const TOUCHING = 1e-9;
const MAX_POINTS = 500;
const MAX_METERS = 120_000;

export const edgesOf = (ring: Ring): [Point, Point][] => ring.slice(1).map((point, i) => [ring[i]!, point]);

/** Whether a point is in the area or on its border. */
export const contains = (ring: Ring, point: Point): boolean => depth(ring, point) >= -TOUCHING;

/** How far a point is from the border, in degrees; negative outside. */
export function depth(ring: Ring, point: Point): number {
  const [x, y] = point;
  let inside = false;
  let nearest = Infinity;
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1]!, ring[i]!];
    nearest = Math.min(nearest, toSegment(point, a, b));
    if (a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1])) inside = !inside;
  }
  return inside ? nearest : -nearest;
}

/** How far a point is from a segment, in degrees. */
export function toSegment([x, y]: Point, a: Point, b: Point): number {
  const t = Math.min(1, Math.max(0, along([x, y], a, b)));
  return Math.hypot(x - a[0] - t * (b[0] - a[0]), y - a[1] - t * (b[1] - a[1]));
}

/** Where a point's projection lies on the line from a (0) to b (1). */
export function along([x, y]: Point, a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  return ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1);
}

/** What is wrong with a polygon that is to be a zone; undefined when nothing is. */
export function problemOf({ coordinates }: Polygon): string | undefined {
  const [ring, ...holes] = coordinates;
  if (!ring || holes.length > 0) return 'A zone is one ring of points: holes and further rings are not supported.';
  if (ring.length < 4 || ring.length > MAX_POINTS)
    return `A ring has 4 to ${MAX_POINTS} points; this has ${ring.length}.`;
  if (ring.some(([lng, lat]) => Math.abs(lng) > 180 || Math.abs(lat) > 90))
    return 'A position is [longitude, latitude] in degrees.';
  if (!same(ring[0]!, ring.at(-1)!)) return 'The ring is not closed: its last point has to be its first one.';
  return tooLarge(ring) ?? crossing(ring);
}

function tooLarge(ring: Ring): string | undefined {
  const [lngs, lats] = [ring.map(([lng]) => lng), ring.map(([, lat]) => lat)];
  const [west, south] = [Math.min(...lngs), Math.min(...lats)];
  const corner = { lat: south, lng: west };
  const width = metersBetween(corner, { lat: south, lng: Math.max(...lngs) });
  const height = metersBetween(corner, { lat: Math.max(...lats), lng: west });
  return Math.max(width, height) > MAX_METERS ? 'A zone is at most 120 km wide and high.' : undefined;
}

function crossing(ring: Ring): string | undefined {
  const edges = edgesOf(ring);
  const twice = edges.findIndex(([a, b]) => same(a, b));
  if (twice >= 0) return `Point ${twice + 2} is the same as the one before it.`;
  for (let i = 0; i < edges.length; i++)
    for (let j = i + 1; j < edges.length; j++)
      if (meet(edges, i, j)) return `The ring crosses or touches itself: its sides ${i + 1} and ${j + 1} meet.`;
  return undefined;
}

/** Whether two sides have a point in common that they must not have; neighbours have one corner in common. */
function meet(edges: readonly [Point, Point][], i: number, j: number): boolean {
  const [[a, b], [c, d]] = [edges[i]!, edges[j]!];
  const next = j === i + 1;
  const last = i === 0 && j === edges.length - 1;
  if (next && last) return true; // two sides enclose nothing
  if (next) return toSegment(d, a, b) <= TOUCHING || toSegment(a, c, d) <= TOUCHING;
  if (last) return toSegment(c, a, b) <= TOUCHING || toSegment(b, c, d) <= TOUCHING;
  return intersect(a, b, c, d);
}

function intersect(a: Point, b: Point, c: Point, d: Point): boolean {
  if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
  const ends = [toSegment(c, a, b), toSegment(d, a, b), toSegment(a, c, d), toSegment(b, c, d)];
  return Math.min(...ends) <= TOUCHING;
}

/** On which side of the line from a to b a point is: the sign tells. */
const side = (a: Point, b: Point, [x, y]: Point): number => (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);

const same = (a: Point, b: Point): boolean => Math.hypot(a[0] - b[0], a[1] - b[1]) <= TOUCHING;
