import { along, depth, edgesOf, type Point, type Ring, toSegment } from './polygon.js';

/** Borders are drawn by hand, with six decimals: areas that share less than a strip this wide only touch (degrees; 10 cm). */
const SLIVER = 1e-6;
const SAMPLES = [0.25, 0.5, 0.75];

/**
 * Whether two areas share more than a border. If they do, a piece of one's border runs inside the other – or nothing of either does, and
 * they are the same area.
 */
export function overlap(a: Ring, b: Ring): boolean {
  if (!boxesMeet(a, b)) return false;
  return enters(a, b) || enters(b, a) || depth(b, innerPoint(a)) > SLIVER;
}

/** Whether a piece of the border runs inside the other area. Cut where the borders meet, each piece is inside or outside as a whole. */
function enters(border: Ring, area: Ring): boolean {
  return edgesOf(border).some(([from, to]) => {
    const cuts = cutsOf(from, to, area);
    return cuts.slice(1).some((cut, i) => {
      const before = cuts[i]!;
      return SAMPLES.some((sample) => depth(area, between(from, to, before + sample * (cut - before))) > SLIVER);
    });
  });
}

/** Where a side meets another border, from 0 (its beginning) to 1 (its end). */
function cutsOf(from: Point, to: Point, border: Ring): number[] {
  const cuts = [0, 1];
  for (const [a, b] of edgesOf(border)) {
    const cut = crossingAt(from, to, a, b);
    if (cut !== undefined) cuts.push(cut);
    if (toSegment(a, from, to) <= SLIVER) cuts.push(Math.min(1, Math.max(0, along(a, from, to))));
  }
  return cuts.sort((x, y) => x - y);
}

/** Where the segment from–to crosses a–b, from 0 to 1; undefined where it does not. */
function crossingAt(from: Point, to: Point, a: Point, b: Point): number | undefined {
  const [dx, dy, ex, ey] = [to[0] - from[0], to[1] - from[1], b[0] - a[0], b[1] - a[1]];
  const turn = dx * ey - dy * ex;
  if (turn === 0) return undefined; // parallel: their corners cut
  const [x, y] = [a[0] - from[0], a[1] - from[1]];
  const [t, u] = [(x * ey - y * ex) / turn, (x * dy - y * dx) / turn];
  return t > 0 && t < 1 && u >= 0 && u <= 1 ? t : undefined;
}

const between = (from: Point, to: Point, t: number): Point => [
  from[0] + t * (to[0] - from[0]),
  from[1] + t * (to[1] - from[1]),
];

/** A point well inside: half way along the widest piece of a line that runs between two corners' latitudes. */
function innerPoint(ring: Ring): Point {
  const lats = [...new Set(ring.map(([, lat]) => lat))].sort((a, b) => a - b);
  const gaps = lats.slice(1).map((lat, i) => ({ gap: lat - lats[i]!, middle: (lat + lats[i]!) / 2 }));
  const y = gaps.reduce((widest, each) => (each.gap > widest.gap ? each : widest)).middle;
  const xs = edgesOf(ring)
    .filter(([a, b]) => a[1] > y !== b[1] > y)
    .map(([a, b]) => a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1]))
    .sort((a, b) => a - b);
  const pieces = xs.flatMap((x, i) => (i % 2 === 0 ? [{ width: xs[i + 1]! - x, middle: (x + xs[i + 1]!) / 2 }] : []));
  return [pieces.reduce((widest, each) => (each.width > widest.width ? each : widest)).middle, y];
}

function boxesMeet(a: Ring, b: Ring): boolean {
  return [0, 1].every((axis) => {
    const [these, those] = [a.map((point) => point[axis]!), b.map((point) => point[axis]!)];
    return Math.min(...these) <= Math.max(...those) && Math.min(...those) <= Math.max(...these);
  });
}
