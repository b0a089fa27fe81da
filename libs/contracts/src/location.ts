import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id, Lat, LatLng, Lng } from './shapes.js';

/** Whether somebody can be served at a point, from which store, and how soon. */
export const Serviceability = z.object({
  serviceable: z.boolean(),
  storeId: Id.optional(),
  zoneId: Id.optional(),
  etaMinutes: z.int().optional(),
  reason: z.enum(['OUT_OF_ZONE', 'STORE_CLOSED']).optional(),
});

export const location = contract('location', {
  serviceability: { input: LatLng, output: Serviceability, idempotent: true },
  /** Best known point of an address; `found: false` when there is none. */
  geocode: {
    input: z.object({
      line1: z.string().max(200),
      line2: z.string().max(200).optional(),
      city: z.string().max(100),
      state: z.string().max(100),
      postalCode: z.string().max(12),
      country: z.string().max(2),
    }),
    output: z.object({ found: z.boolean(), lat: Lat.optional(), lng: Lng.optional() }),
    idempotent: true,
  },
  /** Metres by road (estimated) and minutes of riding between two points. */
  distance: {
    input: z.object({ from: LatLng, to: LatLng }),
    output: z.object({ meters: z.int(), minutes: z.int() }),
    idempotent: true,
  },
});
export class LocationApi extends api(location) {}

export const locationZoneUpdated = event({
  type: 'location.zone.updated',
  version: 1,
  key: 'zoneId',
  payload: z.object({ zoneId: Id, storeId: Id, deleted: z.boolean() }),
});
