import { InventoryApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { InventoryModule } from './inventory.module.js';
import { InventorySeed } from './inventory.seed.js';
import { InventoryService } from './inventory.service.js';

export const inventory = defineDomain({
  name: 'inventory',
  module: InventoryModule,
  api: InventoryApi,
  service: InventoryService,
  seed: InventorySeed,
});
