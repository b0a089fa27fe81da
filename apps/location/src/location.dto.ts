import { AddressFields, Lat, LatLng, Lng, Serviceability } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { Place } from './place.entity.js';

/** A number in a query. Nothing at all is not zero. */
const degrees = (limit: number) =>
  z.preprocess((text) => (text === '' ? undefined : text), z.coerce.number().min(-limit).max(limit));

export class PointQuery extends dto(z.strictObject({ lat: degrees(90), lng: degrees(180) })) {}
export class ServiceabilityView extends dto(Serviceability) {}

export class GeocodeQuery extends dto(
  z.strictObject({ q: z.string().trim().min(1).max(200), limit: PageQuery.shape.limit }),
) {}

const PlaceShape = z.object({
  name: z.string(),
  postalCode: z.string(),
  city: z.string(),
  lat: Lat,
  lng: Lng,
});
/** `score` orders the places of one answer; it has no unit. */
export class GeocodePage extends dto(page(PlaceShape.extend({ score: z.number() }))) {}
/** `meters` is how far away the place is. */
export class NearestPlace extends dto(PlaceShape.extend({ meters: z.int() })) {}

const Point = z.strictObject(LatLng.shape);
export class DistanceQuery extends dto(z.strictObject({ from: Point, to: Point })) {}
export class DistanceView extends dto(z.object({ meters: z.int(), minutes: z.int() })) {}

const { label, line2, country } = AddressFields.shape;
/** What is blank or does not fit together is told as an issue. With a position of its own the address is not looked up. */
export class AddressCheck extends dto(
  z
    .strictObject({
      label: label.optional(),
      line1: z.string().trim().max(200),
      line2,
      city: z.string().trim().max(100),
      state: z.string().trim().max(100),
      postalCode: z.string().trim().max(12),
      country,
      lat: Lat.optional(),
      lng: Lng.optional(),
    })
    .refine(({ lat, lng }) => (lat === undefined) === (lng === undefined), 'Send both lat and lng, or neither.'),
) {}

export class AddressReport extends dto(
  z.object({
    valid: z.boolean(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })),
    lat: Lat.optional(),
    lng: Lng.optional(),
    serviceability: Serviceability.optional(),
  }),
) {}

export const placeView = ({ name, postalCode, city, lat, lng }: Place) => ({ name, postalCode, city, lat, lng });
