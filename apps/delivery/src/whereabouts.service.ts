import { Injectable } from '@nestjs/common';
import { Positions } from '@nakku/cache';
import type { Point } from './delivery.js';
import type { Rider } from './rider.entity.js';

/** Farther from its store nobody rides: where such a rider is exactly does not matter. */
const RADIUS_METERS = 50_000;
const MOST_RIDERS = 5000;

/**
 * Where riders are this moment. They report every second, which is too often for the database: the latest report is kept in Redis, for all copies
 * of the service, or where there is none in the memory of the copy that got it. Every few seconds the database gets one too; whichever is
 * later counts.
 */
@Injectable()
export class WhereaboutsService {
  constructor(private readonly positions: Positions) {}

  /** Takes a report; `at` is its ISO instant. */
  note(riderId: string, point: Point, at: string): Promise<void> {
    return this.positions.put(riderId, point, Date.parse(at));
  }

  /** The rider with his latest position. */
  async locate(rider: Rider): Promise<Rider> {
    return later(rider, await this.positions.get(rider.id));
  }

  /** The same for many riders around a place, in one question. */
  async locateNear(place: Point, riders: readonly Rider[]): Promise<Rider[]> {
    const found = riders.length === 0 ? [] : await this.positions.near(place, RADIUS_METERS, MOST_RIDERS);
    const byId = new Map(found.map((position) => [position.riderId, position]));
    return riders.map((rider) => later(rider, byId.get(rider.id)));
  }
}

/** Who has no position in the database is not looked for elsewhere: his first report is written there, and who has left is forgotten there. */
function later(rider: Rider, position: (Point & { at: number }) | undefined): Rider {
  if (!position || rider.seenAt === null || position.at < Date.parse(rider.seenAt)) return rider;
  return { ...rider, lat: position.lat, lng: position.lng };
}
