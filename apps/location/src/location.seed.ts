import { Injectable } from '@nestjs/common';
import { Database, seedId } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { z } from 'zod';
import { AtlasService } from './atlas.service.js';
import { cellsOf } from './cells.js';
import { GazetteerService } from './gazetteer.service.js';
import { PlaceRepository } from './place.repository.js';
import { ZoneRepository } from './zone.repository.js';

const Zones = z.array(
  z.object({
    store: z.string(),
    name: z.string(),
    polygon: z.object({ type: z.literal('Polygon'), coordinates: z.array(z.array(z.tuple([z.number(), z.number()]))) }),
  }),
);
const Places = z.array(
  z.object({
    ...{ name: z.string(), postalCode: z.string(), city: z.string(), state: z.string(), country: z.string() },
    ...{ lat: z.number(), lng: z.number() },
  }),
);

/** The demo city: what its stores deliver to, and what people call its quarters. */
@Injectable()
export class LocationSeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly zones: ZoneRepository,
    private readonly places: PlaceRepository,
    private readonly atlas: AtlasService,
    private readonly gazetteer: GazetteerService,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if (await this.isLoaded()) return;
    await this.database.transaction(async () => {
      // Of two copies that start at once the second one waits here, and then finds everything loaded.
      await this.zones.claim();
      if (await this.zones.isEmpty()) await this.addZones();
      if (await this.places.isEmpty())
        await this.places.insert(readSeed('places', Places).map((place, position) => ({ ...place, position })));
    });
    await Promise.all([this.atlas.refresh(), this.gazetteer.refresh()]);
  }

  private async isLoaded(): Promise<boolean> {
    return !(await this.zones.isEmpty()) && !(await this.places.isEmpty());
  }

  private async addZones(): Promise<void> {
    for (const { store, name, polygon } of readSeed('zones', Zones)) {
      const id = seedId(`zone:${store}`);
      await this.zones.insert({ id, storeId: seedId(`store:${store}`), name, polygon });
      await this.zones.setCells(id, cellsOf(polygon.coordinates[0]!));
    }
  }
}
