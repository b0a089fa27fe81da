import { CartApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { CartModule } from './cart.module.js';
import { CouponSeed } from './coupon.seed.js';
import { CartService } from './cart.service.js';

export const cart = defineDomain({
  name: 'cart',
  module: CartModule,
  api: CartApi,
  service: CartService,
  seed: CouponSeed,
});
