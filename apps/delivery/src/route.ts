import { distanceKm, type Point } from './delivery.js';

/** A job on the road: what is not picked up yet has a pickup, and every one a drop. */
export interface Errand {
  jobId: string;
  orderId: string;
  pickedUp: boolean;
  pickup: Point;
  drop: Point;
}

/** One stop of a rider. */
export interface Stop extends Point {
  type: 'pickup' | 'drop';
  jobId: string;
  orderId: string;
}

/** The order of a batch's stops: all pickups, then all drops, the nearest next one first. `start` is where the rider is. */
export function route(start: Point | undefined, errands: readonly Errand[]): Stop[] {
  const stop = (type: Stop['type'], { jobId, orderId, ...errand }: Errand): Stop => {
    const { lat, lng } = errand[type];
    return { type, jobId, orderId, lat, lng };
  };
  const pickups = nearestNext(
    start,
    errands.filter(({ pickedUp }) => !pickedUp).map((errand) => stop('pickup', errand)),
  );
  const drops = errands.map((errand) => stop('drop', errand));
  return [...pickups, ...nearestNext(pickups.at(-1) ?? start, drops)];
}

function nearestNext(start: Point | undefined, stops: readonly Stop[]): Stop[] {
  const left = [...stops];
  const ordered: Stop[] = [];
  let here = start;
  while (left.length > 0) {
    const next = nearest(here, left);
    left.splice(left.indexOf(next), 1);
    ordered.push(next);
    here = next;
  }
  return ordered;
}

function nearest(here: Point | undefined, stops: readonly Stop[]): Stop {
  const from = here;
  if (!from) return stops[0]!;
  return stops.reduce((best, stop) => (distanceKm(from, stop) < distanceKm(from, best) ? stop : best));
}
