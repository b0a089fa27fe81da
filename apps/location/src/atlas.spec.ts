import { cellAt, cellsOf } from './cells.js';
import { Atlas } from './atlas.js';
import { contains, type Point, type Ring } from './polygon.js';
import type { Zone } from './zone.entity.js';

let state = 11;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const zone = (id: string, ring: Ring): Zone => ({
  ...{ id, storeId: id, name: id, polygon: { type: 'Polygon', coordinates: [ring] } },
});
const atlasOf = (...zones: Zone[]) =>
  new Atlas(
    zones,
    zones.flatMap(({ id, polygon }) => cellsOf(polygon.coordinates[0]!).map((cell) => ({ cell, zoneId: id }))),
  );
const star = ([x, y]: Point, size: number, corners: number): Ring => {
  const open = Array.from({ length: corners }, (_, i): Point => {
    const [angle, radius] = [(2 * Math.PI * i) / corners, size * (0.2 + 0.8 * random())];
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return [...open, open[0]!];
};
const around = ([x, y]: Point, size: number): Point => [x + (random() * 2 - 1) * size, y + (random() * 2 - 1) * size];

describe('the cells of an area', () => {
  it.each<[string, Point, number]>([
    ['a house', [77.6245, 12.9352], 0.0002],
    ['a block', [77.6245, 12.9352], 0.003],
    ['a quarter', [77.6245, 12.9352], 0.02],
    ['a town', [77.6245, 12.9352], 0.2],
    ['a town in the far north', [18.9553, 69.6492], 0.2],
    ['a town south of the equator', [-58.3816, -34.6037], 0.2],
    ['a place at a pentagon of the grid', [10.536, 64.7], 0.05],
  ])('miss no point of %s', (_, centre, size) => {
    for (let round = 0; round < 20; round++) {
      const ring = star(centre, size, 3 + Math.floor(random() * 30));
      const cells = new Set(cellsOf(ring));
      const points = [...Array.from({ length: 200 }, () => around(centre, size)), ...ring];
      const missed = points.filter(
        (point) => contains(ring, point) && !cells.has(cellAt({ lng: point[0], lat: point[1] })),
      );
      expect(missed).toEqual([]);
    }
  });

  it('are few enough for a city zone', () => {
    expect(cellsOf(star([77.6245, 12.9352], 0.02, 12)).length).toBeLessThan(80);
  });
});

describe('the atlas', () => {
  const west: Ring = [
    [77.6, 12.9],
    [77.62, 12.9],
    [77.62, 12.92],
    [77.6, 12.92],
    [77.6, 12.9],
  ];
  const east: Ring = [
    [77.62, 12.9],
    [77.64, 12.9],
    [77.64, 12.92],
    [77.62, 12.92],
    [77.62, 12.9],
  ];

  it('finds the zone of a point, and none where there is none', () => {
    const atlas = atlasOf(zone('b', west), zone('a', east));
    expect(atlas.at({ lat: 12.91, lng: 77.61 })?.id).toBe('b');
    expect(atlas.at({ lat: 12.91, lng: 77.63 })?.id).toBe('a');
    expect(atlas.at({ lat: 12.93, lng: 77.61 })).toBeUndefined();
    expect(atlas.at({ lat: -90, lng: 180 })).toBeUndefined();
  });

  it('gives a point on the border to the same zone every time', () => {
    const border = { lat: 12.91, lng: 77.62 };
    expect(atlasOf(zone('b', west), zone('a', east)).at(border)?.id).toBe('a');
    expect(atlasOf(zone('a', east), zone('b', west)).at(border)?.id).toBe('a');
  });

  it('answers as if it tried every zone', () => {
    const zones = Array.from({ length: 40 }, (_, i) => {
      const [column, row] = [i % 8, Math.floor(i / 8)];
      return zone(`zone-${i}`, star([77.5 + column * 0.03, 12.8 + row * 0.03], 0.014, 12));
    });
    const atlas = atlasOf(...zones);
    let found = 0;
    for (let i = 0; i < 5000; i++) {
      const point = { lng: 77.48 + random() * 0.26, lat: 12.78 + random() * 0.16 };
      const tried = zones.find(({ polygon }) => contains(polygon.coordinates[0]!, [point.lng, point.lat]));
      expect(atlas.at(point)?.id).toBe(tried?.id);
      if (tried) found++;
    }
    expect(found).toBeGreaterThan(500);
  });
});
