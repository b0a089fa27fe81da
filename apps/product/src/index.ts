import { ProductApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { ProductModule } from './product.module.js';
import { ProductSeed } from './product.seed.js';
import { ProductService } from './product.service.js';

export const product = defineDomain({
  name: 'product',
  module: ProductModule,
  api: ProductApi,
  service: ProductService,
  seed: ProductSeed,
});
