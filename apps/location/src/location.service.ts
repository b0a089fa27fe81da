import { Injectable } from '@nestjs/common';
import type { LocationApi } from '@nakku/contracts';
import type { Input, Output } from '@nakku/rpc';
import { ride } from './distance.js';
import { GazetteerService } from './gazetteer.service.js';
import { LocationSettings } from './location.config.js';
import { ServiceabilityService } from './serviceability.service.js';

/** What location does for other domains. */
@Injectable()
export class LocationService implements LocationApi {
  constructor(
    private readonly service: ServiceabilityService,
    private readonly gazetteer: GazetteerService,
    private readonly settings: LocationSettings,
  ) {}

  serviceability(point: Input<LocationApi, 'serviceability'>): Promise<Output<LocationApi, 'serviceability'>> {
    return this.service.at(point);
  }

  async geocode(address: Input<LocationApi, 'geocode'>): Promise<Output<LocationApi, 'geocode'>> {
    const place = this.gazetteer.current().locate(address);
    return place ? { found: true, lat: place.lat, lng: place.lng } : { found: false };
  }

  async distance({ from, to }: Input<LocationApi, 'distance'>): Promise<Output<LocationApi, 'distance'>> {
    return ride(from, to, this.settings);
  }
}
