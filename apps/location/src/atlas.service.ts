import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Periodic } from '@nakku/runtime';
import { Atlas } from './atlas.js';
import { EditionRepository } from './edition.repository.js';
import { ZoneRepository } from './zone.repository.js';

const CHECK_MS = 1000;

/** Keeps the atlas: renewed after this copy's own changes at once, after another copy's within a second. */
@Injectable()
export class AtlasService implements OnModuleInit {
  private edition = 0;
  private atlas = new Atlas([], []);

  constructor(
    private readonly zones: ZoneRepository,
    private readonly editions: EditionRepository,
    private readonly periodic: Periodic,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.periodic.every(CHECK_MS, 'zones', () => this.refresh());
  }

  current(): Atlas {
    return this.atlas;
  }

  /** Reads the zones anew when they have changed. */
  async refresh(): Promise<void> {
    for (let edition = await this.editions.current('zones'); edition > this.edition;) {
      const atlas = new Atlas(await this.zones.list(), await this.zones.cells());
      const after = await this.editions.current('zones');
      // Zones and cells are read one after the other: they belong together if nothing has changed meanwhile.
      if (after === edition) this.take(edition, atlas);
      edition = after;
    }
  }

  /** Of two that have read at once, the newer one counts. */
  private take(edition: number, atlas: Atlas): void {
    if (edition <= this.edition) return;
    this.edition = edition;
    this.atlas = atlas;
  }
}
