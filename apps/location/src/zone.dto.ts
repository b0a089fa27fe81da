import { Id } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';
import type { Zone } from './zone.entity.js';

const Position = z.tuple([z.number(), z.number()]);
/** The limits and the geometry are checked afterwards: 422 `POLYGON_INVALID` says what is wrong. */
const PolygonShape = z.strictObject({
  type: z.literal('Polygon'),
  coordinates: z.array(z.array(Position).max(10_000)).max(100),
});

const Fields = z.strictObject({ storeId: Id, name: z.string().trim().min(1).max(100), polygon: PolygonShape });

export class NewZone extends dto(Fields) {}
export class PatchZone extends dto(Fields.partial()) {}
export class ZoneQuery extends dto(PageQuery) {}

const ZoneShape = z.object({ id: Id, storeId: Id, name: z.string(), polygon: PolygonShape });
export class ZoneView extends dto(ZoneShape) {}
export class ZonePage extends dto(page(ZoneShape)) {}

export const zoneView = ({ id, storeId, name, polygon }: Zone) => ({ id, storeId, name, polygon });
export type ZoneShown = ReturnType<typeof zoneView>;
