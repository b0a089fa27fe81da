import { gridDisk, latLngToCell, POLYGON_TO_CELLS_FLAGS, polygonToCellsExperimental } from 'h3-js';
import type { LatLng } from './distance.js';
import type { Ring } from './polygon.js';

/** Hexagons of about 0.7 km²: a city zone has a few dozen. */
const RESOLUTION = 8;

/** The H3 cell of a point. */
export const cellAt = ({ lat, lng }: LatLng): string => latLngToCell(lat, lng, RESOLUTION);

/**
 * The H3 cells that an area touches, and their neighbours. H3 draws the sides of its cells a little differently when it fills a polygon and
 * when it looks for a point's cell: the neighbours see to it that no point of the area is outside all of its cells.
 */
export function cellsOf(ring: Ring): string[] {
  const touched = polygonToCellsExperimental(
    [ring.map(([lng, lat]) => [lng, lat])],
    RESOLUTION,
    POLYGON_TO_CELLS_FLAGS.containmentOverlapping,
    true,
  );
  return [...new Set(touched.flatMap((cell) => gridDisk(cell, 1)))];
}
