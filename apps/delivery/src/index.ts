import { DeliveryApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryService } from './delivery.service.js';
import { RiderSeed } from './rider.seed.js';

export const delivery = defineDomain({
  name: 'delivery',
  module: DeliveryModule,
  api: DeliveryApi,
  service: DeliveryService,
  seed: RiderSeed,
});
