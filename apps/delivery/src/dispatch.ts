import { distanceKm, type Point } from './delivery.js';

/** A rider who could take an order. Without a position he is taken to be at his store. */
export interface FreeRider {
  id: string;
  position?: Point;
  idleSince: string;
}

/** That a rider had an order and does not have it any more: `lapsed` when he let the offer pass, `failed` when he gave up. */
export interface Asked {
  orderId: string;
  riderId: string;
  status: 'lapsed' | 'failed';
  endedAt: string;
}

export interface Plan {
  /** What is to be offered to whom: each order and each rider at most once. */
  offers: { orderId: string; riderId: string }[];
  /** The orders that none of the free riders may be asked for now. */
  refused: string[];
}

/** Who asks: where the bags are, and since when (ISO) a rider who let an order pass is not asked for it again. */
export interface Terms {
  pickup: Point;
  refusedAfter: string;
}

/**
 * Decides which rider is asked for which order; the orders come in the order of their right. Whoever was not asked before comes
 * first, then the nearest to the store, then who is idle the longest. Who gave an order up is never asked for it again.
 */
export function match(
  orderIds: readonly string[],
  riders: readonly FreeRider[],
  asked: readonly Asked[],
  terms: Terms,
): Plan {
  const nearestFirst = [...riders].sort(byDistance(terms.pickup));
  const taken = new Set<string>();
  const plan: Plan = { offers: [], refused: [] };
  for (const orderId of orderIds) {
    const history = asked.filter((one) => one.orderId === orderId);
    const willing = nearestFirst.filter(({ id }) => !history.some((one) => one.riderId === id && bars(one, terms)));
    const rider = notYetAsked(
      willing.filter(({ id }) => !taken.has(id)),
      history,
    );
    if (willing.length === 0) plan.refused.push(orderId);
    if (!rider) continue;
    taken.add(rider.id);
    plan.offers.push({ orderId, riderId: rider.id });
  }
  return plan;
}

const bars = (asked: Asked, { refusedAfter }: Terms): boolean =>
  asked.status === 'failed' || asked.endedAt > refusedAfter;

/** The first who was not asked for this order; when all were, whose refusal is the longest ago. */
function notYetAsked(riders: readonly FreeRider[], history: readonly Asked[]): FreeRider | undefined {
  const lastAsked = ({ id }: FreeRider): string =>
    history.reduce((last, { riderId, endedAt }) => (riderId === id && endedAt > last ? endedAt : last), '');
  return riders.reduce<FreeRider | undefined>(
    (best, rider) => (!best || lastAsked(rider) < lastAsked(best) ? rider : best),
    undefined,
  );
}

/** Distances within the same ten metres are a draw: positions are not better than that. */
function byDistance(pickup: Point): (a: FreeRider, b: FreeRider) => number {
  const tens = ({ position }: FreeRider): number => (position ? Math.round(distanceKm(pickup, position) * 100) : 0);
  const since = ({ idleSince, id }: FreeRider): string => `${idleSince} ${id}`; // a draw that ends the same way everywhere
  return (a, b) => tens(a) - tens(b) || (since(a) < since(b) ? -1 : 1);
}
