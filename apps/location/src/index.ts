import { LocationApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { LocationModule } from './location.module.js';
import { LocationSeed } from './location.seed.js';
import { LocationService } from './location.service.js';

export const location = defineDomain({
  name: 'location',
  module: LocationModule,
  api: LocationApi,
  service: LocationService,
  seed: LocationSeed,
});
