import { cellAt } from './cells.js';
import type { LatLng } from './distance.js';
import { contains } from './polygon.js';
import type { Zone, ZoneCell } from './zone.entity.js';

/** All zones in memory: a point is looked up in microseconds. */
export class Atlas {
  private readonly byCell = new Map<string, Zone[]>();

  constructor(zones: readonly Zone[], cells: readonly ZoneCell[]) {
    const byId = new Map(zones.map((zone) => [zone.id, zone]));
    for (const { cell, zoneId } of cells) {
      const zone = byId.get(zoneId);
      if (zone) this.byCell.set(cell, [...(this.byCell.get(cell) ?? []), zone].sort(byIdOf));
    }
  }

  /** The zone that a point is in. Of two that touch there, always the same one. */
  at(point: LatLng): Zone | undefined {
    const candidates = this.byCell.get(cellAt(point));
    return candidates?.find(({ polygon }) => contains(polygon.coordinates[0]!, [point.lng, point.lat]));
  }
}

const byIdOf = (a: Zone, b: Zone): number => (a.id < b.id ? -1 : 1);
