import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { AddressService } from './address.service.js';
import { AtlasService } from './atlas.service.js';
import { Edition } from './edition.entity.js';
import { EditionRepository } from './edition.repository.js';
import { GazetteerService } from './gazetteer.service.js';
import { LocationSettings } from './location.config.js';
import { LocationController } from './location.controller.js';
import { LocationSeed } from './location.seed.js';
import { LocationService } from './location.service.js';
import { Location1700000000040 } from './migrations/1700000000040-location.js';
import { Place } from './place.entity.js';
import { PlaceRepository } from './place.repository.js';
import { ServiceabilityService } from './serviceability.service.js';
import { StoreService } from './store.service.js';
import { ZoneController } from './zone.controller.js';
import { Zone, ZoneCell } from './zone.entity.js';
import { ZoneRepository } from './zone.repository.js';
import { ZoneService } from './zone.service.js';

const domain = DomainModule.for({
  name: 'location',
  entities: [Zone, ZoneCell, Place, Edition],
  migrations: [Location1700000000040],
  settings: [LocationSettings],
});

@Module({
  imports: [domain],
  controllers: [ZoneController, LocationController],
  providers: [
    ...[EditionRepository, ZoneRepository, PlaceRepository, AtlasService, GazetteerService],
    ...[StoreService, ZoneService, ServiceabilityService, AddressService, LocationService, LocationSeed],
  ],
})
export class LocationModule {}
