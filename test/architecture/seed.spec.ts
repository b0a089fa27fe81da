import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

type Point = [number, number];

const price = z.int().min(500).max(250_000);
const key = z.string().regex(/^[a-z]+(-[a-z]+)*$/);
const coordinates = { lat: z.number().min(12.7).max(13.3), lng: z.number().min(77.4).max(77.85) };
const region = { city: z.literal('Bengaluru'), state: z.literal('Karnataka'), country: z.literal('IN') };
const postalCode = z.string().regex(/^56[0-9]{4}$/);

const Category = z.strictObject({ slug: key, name: z.string().min(3), parent: key.nullable() });
const Product = z.strictObject({
  sku: z.string().regex(/^[A-Z]{3}(-[A-Z0-9]+){2,4}$/),
  name: z.string().min(3).max(60),
  brand: z.string().min(3),
  category: key,
  description: z.string().min(15).max(250).endsWith('.'),
  unit: z.string().regex(/^\d/),
  price,
  compareAt: price.optional(),
  image: z.string(),
  velocity: z.enum(['fast', 'medium', 'slow']),
  threshold: z.int().min(1).max(60),
});
const Store = z.strictObject({
  code: key,
  name: z.string(),
  address: z.string().regex(/Bengaluru 560\d{3}$/),
  city: region.city,
  ...coordinates,
  hours: z.strictObject({ open: z.literal('00:00'), close: z.literal('24:00') }),
});
const Polygon = z.strictObject({
  type: z.literal('Polygon'),
  coordinates: z.tuple([z.array(z.tuple([coordinates.lng, coordinates.lat])).min(9)]),
});
const Zone = z.strictObject({ store: key, name: z.string(), polygon: Polygon });
const Place = z.strictObject({ name: z.string().min(3), postalCode, ...region, ...coordinates });
const Address = z.strictObject({
  label: z.string(),
  line1: z.string(),
  ...region,
  postalCode,
  ...coordinates,
  isDefault: z.literal(true),
});
const Account = z.strictObject({
  email: z.email(),
  password: z.string(),
  role: z.enum(['customer', 'rider', 'store_staff', 'admin']),
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string().regex(/^\+9155550\d{5}$/),
  store: key.optional(),
  vehicle: z.enum(['bike', 'scooter', 'bicycle', 'ev']).optional(),
  addresses: z.array(Address).optional(),
});
const Coupon = z.strictObject({
  code: z.string(),
  kind: z.enum(['percent', 'fixed', 'free_delivery']),
  value: z.int(),
  minTotal: z.int().optional(),
  perCustomer: z.int().optional(),
  totalUses: z.int().optional(),
});

function load<S extends z.ZodType>(file: string, shape: S): z.output<S>[] {
  const text = readFileSync(join(__dirname, '../../deploy/seed', file), 'utf8');
  return z.array(shape).parse(JSON.parse(text));
}

const categories = load('categories.json', Category);
const products = load('products.json', Product);
const stores = load('stores.json', Store);
const zones = load('zones.json', Zone);
const places = load('places.json', Place);
const accounts = load('accounts.json', Account);
const coupons = load('coupons.json', Coupon);

const expectUnique = (values: string[]) => expect(values).toEqual([...new Set(values)]);
const ringOf = (zone: z.output<typeof Zone>): Point[] => zone.polygon.coordinates[0];
const withRole = (role: string) => accounts.filter((account) => account.role === role);
const edges = (ring: Point[]): [Point, Point][] => ring.slice(1).map((end, i) => [ring[i] as Point, end]);

function contains(ring: Point[], [x, y]: Point): boolean {
  const crossed = edges(ring).filter(
    ([a, b]) => a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0],
  );
  return crossed.length % 2 === 1;
}

const turn = (a: Point, b: Point, c: Point) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

function cross([a, b]: [Point, Point], [c, d]: [Point, Point]): boolean {
  return turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
}

/** Two simple rings share ground when their edges meet or one holds a corner of the other. */
function overlap(one: Point[], other: Point[]): boolean {
  const meet = edges(one).some((edge) => edges(other).some((against) => cross(edge, against)));
  return meet || contains(one, other[0] as Point) || contains(other, one[0] as Point);
}

const zonesAt = (lng: number, lat: number) =>
  zones.filter((zone) => contains(ringOf(zone), [lng, lat])).map((zone) => zone.store);

describe('the demo catalogue', () => {
  const children = categories.filter((category) => category.parent !== null);
  const tops = categories.filter((category) => category.parent === null);

  it('has a category tree of two levels in which parents come first', () => {
    expect(tops.length).toBeGreaterThanOrEqual(14);
    expect(children.length).toBeGreaterThanOrEqual(35);
    expectUnique(categories.map((category) => category.slug));
    for (const child of children) {
      const parent = categories.findIndex((category) => category.slug === child.parent && category.parent === null);
      expect(parent).toBeGreaterThanOrEqual(0);
      expect(parent).toBeLessThan(categories.indexOf(child));
    }
    for (const top of tops) expect(children.map((child) => child.parent)).toContain(top.slug);
  });

  it('has at least 330 products, each known by its sku and by its name and unit', () => {
    expect(products.length).toBeGreaterThanOrEqual(330);
    expectUnique(products.map((product) => product.sku));
    expectUnique(products.map((product) => `${product.name} ${product.unit}`.toLowerCase()));
    expectUnique(products.map((product) => product.description));
  });

  it('files every product under a child category and gives each of these five or more', () => {
    const slugs = children.map((child) => child.slug);
    expect(products.filter((product) => !slugs.includes(product.category))).toEqual([]);
    const sizes = slugs.map((slug) => products.filter((product) => product.category === slug).length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5);
  });

  it('puts about a third on offer, by a believable part of the price', () => {
    const offers = products.filter((product) => product.compareAt !== undefined);
    expect(offers.length / products.length).toBeGreaterThan(0.28);
    expect(offers.length / products.length).toBeLessThan(0.4);
    const ratios = offers.map((product) => (product.compareAt ?? 0) / product.price);
    expect(Math.min(...ratios)).toBeGreaterThan(1);
    expect(Math.max(...ratios)).toBeLessThan(1.6);
  });

  it('charges less for a unit in the larger of two packs of one thing', () => {
    for (const small of products.filter((product) => product.unit === '500 g')) {
      const large = products.find((product) => product.name === small.name && product.unit === '1 kg');
      if (large) expect(large.price).toBeLessThan(2 * small.price);
    }
  });

  it('names the picture after the sku and restocks fast sellers earlier than slow ones', () => {
    for (const product of products) expect(product.image).toBe(`/images/products/${product.sku.toLowerCase()}.webp`);
    const thresholds = (velocity: string) =>
      products.filter((product) => product.velocity === velocity).map((product) => product.threshold);
    expect(Math.max(...thresholds('slow'))).toBeLessThanOrEqual(Math.min(...thresholds('medium')));
    expect(Math.max(...thresholds('slow'))).toBeLessThan(Math.min(...thresholds('fast')));
  });
});

describe('the demo city', () => {
  it('has three stores, each inside its own zone and no other', () => {
    expect(stores.map((store) => store.code)).toEqual(['koramangala', 'indiranagar', 'hsr-layout']);
    expect(zones.map((zone) => zone.store).sort()).toEqual(stores.map((store) => store.code).sort());
    for (const store of stores) expect(zonesAt(store.lng, store.lat)).toEqual([store.code]);
  });

  it.each(zones)('draws the zone $name as one closed counter-clockwise ring that never crosses itself', (zone) => {
    const ring = ringOf(zone);
    expect(ring.at(-1)).toEqual(ring[0]);
    expectUnique(ring.slice(1).map((point) => point.join()));
    expect(edges(ring).reduce((area, [a, b]) => area + a[0] * b[1] - b[0] * a[1], 0)).toBeGreaterThan(0);
    const all = edges(ring);
    const apart = (i: number, j: number) => j - i > 1 && !(i === 0 && j === all.length - 1);
    const crossings = all.flatMap((edge, i) => all.filter((other, j) => apart(i, j) && cross(edge, other)));
    expect(crossings).toEqual([]);
  });

  it('keeps zones apart, by their edges and on a grid of about 50 m', () => {
    const pairs = zones.flatMap((zone, i) => zones.slice(i + 1).map((other) => [zone, other] as const));
    expect(pairs.filter(([a, b]) => overlap(ringOf(a), ringOf(b)))).toEqual([]);
    let served = 0;
    for (let lng = 77.59; lng < 77.68; lng += 0.0005) {
      for (let lat = 12.88; lat < 13; lat += 0.0005) {
        const found = zonesAt(lng, lat).length;
        if (found > 1) throw new Error(`${lng},${lat} is in ${found} zones`);
        served += found;
      }
    }
    expect(served).toBeGreaterThan(5_000);
  });

  it('would notice zones that cross, and a zone within a zone', () => {
    const ring = ringOf(zones[0] as z.output<typeof Zone>);
    const [x, y] = ring[0] as Point;
    const shifted = ring.map(([lng, lat]): Point => [lng + 0.005, lat + 0.005]);
    const inner = ring.map(([lng, lat]): Point => [77.6245 + (lng - x) / 50, 12.9352 + (lat - y) / 50]);
    const far = ring.map(([lng, lat]): Point => [lng + 1, lat]);
    expect([shifted, inner, far].map((other) => overlap(ring, other))).toEqual([true, true, false]);
  });

  it('has a gazetteer of 80 places or more, inside and outside the zones', () => {
    expect(places.length).toBeGreaterThanOrEqual(80);
    expectUnique(places.map((place) => place.name.toLowerCase()));
    const known = new Set(places.map((place) => place.postalCode));
    for (const code of ['560034', '560095', '560038', '560102', '560066', '560064']) expect(known).toContain(code);
    const found = places.map((place) => zonesAt(place.lng, place.lat)[0]);
    for (const store of stores) expect(found.filter((code) => code === store.code).length).toBeGreaterThanOrEqual(5);
    expect(found.filter((code) => code === undefined).length).toBeGreaterThanOrEqual(40);
  });
});

describe('the demo accounts and coupons', () => {
  it('are those that the documentation promises', () => {
    const listed = (role: string, emails: string[], password: string) =>
      expect(withRole(role)).toEqual(emails.map((email) => expect.objectContaining({ email, password })));
    listed('admin', ['admin@nakku.test'], 'nakku-admin-demo');
    const staff = stores.map((store) => `staff.${store.code}@nakku.test`);
    listed('store_staff', staff, 'nakku-staff-demo');
    const riders = Array.from({ length: 12 }, (_, i) => `rider${i + 1}@nakku.test`);
    listed('rider', riders, 'nakku-rider-demo');
    listed('customer', ['customer@nakku.test'], 'nakku-customer-demo');
    expectUnique(accounts.map((account) => account.phone));
  });

  it('give every store its own staff and four riders with a vehicle', () => {
    expect(withRole('store_staff').map((staff) => staff.store)).toEqual(stores.map((store) => store.code));
    for (const { code } of stores) expect(withRole('rider').filter((rider) => rider.store === code)).toHaveLength(4);
    for (const account of accounts) expect(account.vehicle !== undefined).toBe(account.role === 'rider');
  });

  it('give the customer one address inside the Koramangala zone', () => {
    const addresses = accounts.flatMap((account) => account.addresses ?? []);
    expect(addresses).toEqual([expect.objectContaining({ lat: 12.9352, lng: 77.6245, isDefault: true })]);
    expect(withRole('customer')[0]?.addresses).toEqual(addresses);
    expect(zonesAt(77.6245, 12.9352)).toEqual(['koramangala']);
  });

  it('offer the three coupons with their limits', () => {
    expect(coupons).toEqual([
      { code: 'WELCOME50', kind: 'fixed', value: 5_000, perCustomer: 1 },
      { code: 'FIRST20', kind: 'fixed', value: 2_000, totalUses: 20 },
      { code: 'FREEDEL', kind: 'free_delivery', value: 0, minTotal: 19_900 },
    ]);
  });
});
