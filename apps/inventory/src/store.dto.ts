import { Lat, Lng, Store } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';

const Hours = z
  .strictObject(Store.shape.hours.shape)
  .refine(({ open, close }) => open !== close, 'A store that is open round the clock has 00:00–24:00.');

const Fields = z.strictObject({
  name: z.string().trim().min(1).max(100),
  lat: Lat,
  lng: Lng,
  hours: Hours,
  open: z.boolean(),
});

/** Without a code it is made of the name; without hours the store is open round the clock. */
export class NewStore extends dto(
  Fields.extend({
    code: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Lower case letters and digits, in words joined by hyphens.')
      .max(64)
      .optional(),
    hours: Hours.default({ open: '00:00', close: '24:00' }),
    open: z.boolean().default(true),
  }),
) {}

/** `open` is the switch: off closes the store at once, on leaves it to its hours. */
export class PatchStore extends dto(Fields.partial()) {}

export class StoreQuery extends dto(PageQuery) {}
export class StoreView extends dto(Store) {}
export class StorePage extends dto(page(Store)) {}
