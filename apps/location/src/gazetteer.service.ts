import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Periodic } from '@nakku/runtime';
import { EditionRepository } from './edition.repository.js';
import { Gazetteer } from './gazetteer.js';
import { PlaceRepository } from './place.repository.js';

const CHECK_MS = 1000;

/** Keeps the gazetteer: renewed within a second after its table has changed. */
@Injectable()
export class GazetteerService implements OnModuleInit {
  private edition = 0;
  private gazetteer = new Gazetteer([]);

  constructor(
    private readonly places: PlaceRepository,
    private readonly editions: EditionRepository,
    private readonly periodic: Periodic,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.periodic.every(CHECK_MS, 'gazetteer', () => this.refresh());
  }

  current(): Gazetteer {
    return this.gazetteer;
  }

  async refresh(): Promise<void> {
    const edition = await this.editions.current('places');
    if (edition <= this.edition) return;
    const gazetteer = new Gazetteer(await this.places.all());
    if (edition <= this.edition) return; // somebody else was faster
    this.edition = edition;
    this.gazetteer = gazetteer;
  }
}
