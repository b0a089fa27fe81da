import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { EditionRepository } from './edition.repository.js';
import { Place } from './place.entity.js';

const CHUNK = 500;

@Injectable()
export class PlaceRepository {
  constructor(
    private readonly database: Database,
    private readonly editions: EditionRepository,
  ) {}

  /** In the order of the gazetteer. */
  all(): Promise<Place[]> {
    return this.database.manager.find(Place, { order: { position: 'ASC' } });
  }

  isEmpty(): Promise<boolean> {
    return this.database.manager.exists(Place).then((some) => !some);
  }

  async insert(places: Place[]): Promise<void> {
    await this.editions.next('places');
    for (let from = 0; from < places.length; from += CHUNK) {
      const insert = this.database.manager.createQueryBuilder().insert().into(Place);
      await insert
        .values(places.slice(from, from + CHUNK))
        .updateEntity(false)
        .execute();
    }
  }
}
