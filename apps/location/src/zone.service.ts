import { Injectable, Logger } from '@nestjs/common';
import { Id, locationZoneUpdated } from '@nakku/contracts';
import { Database, newId } from '@nakku/database';
import { decodeCursor, Idempotency, notFound, type Page, paged, unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { AtlasService } from './atlas.service.js';
import { cellsOf } from './cells.js';
import { overlap } from './overlap.js';
import { type Polygon, problemOf } from './polygon.js';
import { StoreService } from './store.service.js';
import { type NewZone, type PatchZone, type ZoneQuery, type ZoneShown, zoneView } from './zone.dto.js';
import { ZoneRepository } from './zone.repository.js';

/** The areas that the stores deliver to. */
@Injectable()
export class ZoneService {
  private readonly logger = new Logger(ZoneService.name);

  constructor(
    private readonly database: Database,
    private readonly zones: ZoneRepository,
    private readonly stores: StoreService,
    private readonly atlas: AtlasService,
    private readonly events: EventBus,
    private readonly idempotency: Idempotency,
  ) {}

  async list({ limit, cursor }: ZoneQuery): Promise<Page<ZoneShown>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, Id);
    const rows = await this.zones.list(after, limit + 1);
    return paged(rows.map(zoneView), limit, ({ id }) => id);
  }

  async add(fields: NewZone): Promise<ZoneShown> {
    const zone = { id: newId(), ...fields };
    const cells = cellsOfValid(zone.polygon);
    await this.stores.get(zone.storeId);
    return this.write(async () => {
      await this.refuseOverlap(zone.id, zone.polygon, cells);
      await this.zones.insert(zone);
      await this.zones.setCells(zone.id, cells);
      await this.tell(zone);
      await this.idempotency.complete(201, zoneView(zone));
      return zoneView(zone);
    });
  }

  async change(id: string, changes: PatchZone): Promise<ZoneShown> {
    const { polygon, storeId } = changes;
    const cells = polygon && cellsOfValid(polygon);
    if (storeId) await this.stores.get(storeId);
    return this.write(async () => {
      const zone = await this.zones.find(id);
      if (!zone) throw notFound('zone');
      if (Object.keys(changes).length === 0) return zoneView(zone);
      await this.zones.update(id, changes);
      if (polygon) {
        await this.refuseOverlap(id, polygon, cells!);
        await this.zones.setCells(id, cells!);
      }
      await this.tell({ id, storeId: storeId ?? zone.storeId });
      return zoneView({ ...zone, ...changes });
    });
  }

  async remove(id: string): Promise<void> {
    await this.write(async () => {
      const zone = await this.zones.find(id);
      if (!zone || !(await this.zones.delete(id))) throw notFound('zone');
      await this.tell(zone, true);
    });
  }

  /** One change of the zones after the other: what was checked for overlaps stays true until the commit. */
  private async write<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.database.transaction(async () => {
      await this.zones.claim();
      return work();
    });
    await this.show();
    return result;
  }

  /** What was committed stays so if this fails: the next check shows it a second later. */
  private async show(): Promise<void> {
    await this.atlas.refresh().catch((err: unknown) => this.logger.warn({ err }, 'the zones could not be read again'));
  }

  private async refuseOverlap(id: string, polygon: Polygon, cells: readonly string[]): Promise<void> {
    const others = (await this.zones.near(cells)).filter((zone) => zone.id !== id);
    const other = others.find((zone) => overlap(zone.polygon.coordinates[0]!, polygon.coordinates[0]!));
    if (!other) return;
    throw unprocessable('ZONE_OVERLAPS', `The polygon overlaps the zone ${other.name}: zones may only touch.`, {
      zoneId: other.id,
    });
  }

  private tell(zone: { id: string; storeId: string }, deleted = false): Promise<void> {
    return this.events.publish(locationZoneUpdated({ zoneId: zone.id, storeId: zone.storeId, deleted }));
  }
}

/** The cells of a polygon that can be a zone; 422 `POLYGON_INVALID` for another one. */
function cellsOfValid(polygon: Polygon): string[] {
  const problem = problemOf(polygon);
  if (problem) throw unprocessable('POLYGON_INVALID', problem);
  return cellsOf(polygon.coordinates[0]!);
}
