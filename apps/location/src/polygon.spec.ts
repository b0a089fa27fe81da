import { contains, type Point, problemOf, type Ring } from './polygon.js';

const square: Ring = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [0, 0],
];
/** A C that is open to the east. */
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
const of = (...coordinates: Ring[]) => ({ type: 'Polygon' as const, coordinates });
const small = (points: Ring): Ring => points.map(([lng, lat]) => [lng / 10, lat / 10]);

describe('a point', () => {
  it.each<[string, Ring, Point, boolean]>([
    ['in the middle', square, [0.5, 0.5], true],
    ['on the western side', square, [0, 0.5], true],
    ['on the eastern side', square, [1, 0.5], true],
    ['on the northern side', square, [0.5, 1], true],
    ['on the southern side', square, [0.5, 0], true],
    ['on a corner', square, [1, 1], true],
    ['a metre outside', square, [1.00001, 0.5], false],
    ['in line with a side', square, [2, 0], false],
    ['in line with two corners', square, [-1, 1], false],
    ['in an arm of a horseshoe', horseshoe, [0.9, 0.1], true],
    ['between the arms', horseshoe, [0.9, 0.5], false],
    ['level with the inner corner', horseshoe, [0.2, 0.3], true],
    ['on the inner side', horseshoe, [0.4, 0.5], true],
  ])('%s is inside or not', (_, ring, point, inside) => {
    expect(contains(ring, point)).toBe(inside);
    expect(contains(ring.toReversed(), point)).toBe(inside);
  });
});

describe('a polygon', () => {
  it('is fine whichever way around it is drawn', () => {
    expect(problemOf(of(square))).toBeUndefined();
    expect(problemOf(of(square.toReversed()))).toBeUndefined();
    expect(problemOf(of(small(horseshoe)))).toBeUndefined();
  });

  it.each<[string, Ring, RegExp]>([
    [
      'an open ring',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      /not closed/,
    ],
    [
      'too few points',
      [
        [0, 0],
        [1, 0],
        [0, 0],
      ],
      /4 to 500 points; this has 3/,
    ],
    [
      'a bow tie',
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
        [0, 0],
      ],
      /sides 1 and 3 meet/,
    ],
    [
      'a corner on another side',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 1],
        [0, 0],
      ],
      /sides 1 and 3 meet/,
    ],
    [
      'a corner that is used twice',
      [
        [0, 0],
        [1, 0],
        [0.5, 0.5],
        [1, 1],
        [0, 1],
        [0.5, 0.5],
        [0, 0],
      ],
      /meet/,
    ],
    [
      'a spike',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [1, 0.5],
        [0, 1],
        [0, 0],
      ],
      /sides 2 and 3 meet/,
    ],
    [
      'a spike at its end',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0],
        [0, 0],
      ],
      /meet/,
    ],
    [
      'a line',
      [
        [0, 0],
        [1, 1],
        [0.5, 0.5],
        [0, 0],
      ],
      /meet/,
    ],
    [
      'a point twice in a row',
      [
        [0, 0],
        [1, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
      /Point 3 is the same/,
    ],
    [
      'positions with the latitude first',
      [
        [12.9, 97.6],
        [12.9, 97.7],
        [13, 97.7],
        [12.9, 97.6],
      ],
      /longitude, latitude/,
    ],
    [
      'half a country',
      [
        [70, 10],
        [80, 10],
        [80, 20],
        [70, 10],
      ],
      /120 km/,
    ],
  ])('with %s is refused, and why is told', (_, ring, problem) => {
    expect(problemOf(of(ring))).toMatch(problem);
  });

  it('has one ring: no holes, and not none', () => {
    expect(problemOf(of(square, small(square)))).toMatch(/holes/);
    expect(problemOf(of())).toMatch(/one ring/);
  });

  it('may have 500 points and not one more', () => {
    const circle = (points: number): Ring => {
      const open = Array.from({ length: points - 1 }, (_, i): Point => {
        const angle = (2 * Math.PI * i) / (points - 1);
        return [77.6 + 0.02 * Math.cos(angle), 12.9 + 0.02 * Math.sin(angle)];
      });
      return [...open, open[0]!];
    };
    expect(problemOf(of(circle(500)))).toBeUndefined();
    expect(problemOf(of(circle(501)))).toMatch(/this has 501/);
  });
});
