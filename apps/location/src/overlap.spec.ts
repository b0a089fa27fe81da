import { overlap } from './overlap.js';
import { contains, type Point, problemOf, type Ring } from './polygon.js';

const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const square = box(0, 0, 1, 1);
const horseshoe: Ring = [
  [0, 0],
  [1, 0],
  [1, 0.3],
  [0.4, 0.3],
  [0.4, 0.7],
  [1, 0.7],
  [1, 1],
  [0, 1],
  [0, 0],
];
const triangle: Ring = [
  [0, 0],
  [1, 0],
  [0.5, 1],
  [0, 0],
];

describe('two areas', () => {
  it.each<[string, Ring, Ring, boolean]>([
    ['that are apart', square, box(2, 2, 3, 3), false],
    ['whose boxes meet though they do not', triangle, box(0.9, 0.5, 1.5, 1), false],
    ['of which one cuts a corner of the other', square, box(0.9, 0.9, 2, 2), true],
    ['that cross like a plus', box(0, 0.4, 1, 0.6), box(0.4, 0, 0.6, 1), true],
    ['of which one is in the other', square, box(0.4, 0.4, 0.6, 0.6), true],
    ['that are the same', square, square, true],
    [
      'that are the same and begin elsewhere',
      square,
      [
        [1, 1],
        [0, 1],
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      true,
    ],
    [
      'that are the same, one with a point more',
      square,
      [
        [0, 0],
        [0.5, 0],
        [1, 0],
        [1, 1],
        [0, 1],
        [0, 0],
      ],
      true,
    ],
    ['that share a side', square, box(1, 0, 2, 1), false],
    ['that share a part of a side', square, box(1, 0.25, 2, 5), false],
    ['that share a corner', square, box(1, 1, 2, 2), false],
    [
      'of which one stands on the other with a corner',
      square,
      [
        [0.5, 1],
        [0.7, 2],
        [0.3, 2],
        [0.5, 1],
      ],
      false,
    ],
    ['that share a side and lie on the same side of it', square, box(0, 0, 0.5, 1), true],
    ['of which one fills the gap of the other', horseshoe, box(0.4, 0.3, 1, 0.7), false],
    ['of which one fills more than the gap of the other', horseshoe, box(0.39, 0.3, 1, 0.7), true],
    ['of which one is in an arm of the other', horseshoe, box(0.5, 0.75, 0.9, 0.95), true],
    [
      'of which one has its corners on the other’s sides',
      square,
      [
        [0.5, 0],
        [1, 0.5],
        [0.5, 1],
        [0, 0.5],
        [0.5, 0],
      ],
      true,
    ],
    ['that differ by less than a hand’s width', square, box(0.9999999, 0, 2, 1), false],
    ['that share a strip of a metre', square, box(0.99999, 0, 2, 1), true],
  ])('%s overlap or not', (_, a, b, expected) => {
    expect(overlap(a, b)).toBe(expected);
    expect(overlap(b, a)).toBe(expected);
    expect(overlap(a.toReversed(), b)).toBe(expected);
  });

  it('overlap exactly when some point is well inside both', () => {
    let state = 7;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const star = (x: number, y: number): Ring => {
      const open = Array.from({ length: 9 }, (_, i): Point => {
        const [angle, radius] = [(2 * Math.PI * i) / 9, 0.15 + 0.35 * random()];
        return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
      });
      return [...open, open[0]!];
    };
    let both = 0;
    for (let round = 0; round < 300; round++) {
      const [a, b] = [star(0, 0), star(random() * 1.2 - 0.6, random() * 1.2 - 0.6)];
      expect(problemOf({ type: 'Polygon', coordinates: [a] })).toBeUndefined();
      const points = Array.from({ length: 2000 }, (): Point => [random() - 0.5, random() - 0.5]);
      const shared = points.some((point) => contains(a, point) && contains(b, point));
      if (shared) expect(overlap(a, b)).toBe(true);
      else if (overlap(a, b)) both++; // a strip so thin that no point fell into it
    }
    expect(both).toBeLessThan(15);
  });
});
