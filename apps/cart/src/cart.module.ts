import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { CartSettings } from './cart.config.js';
import { CartController } from './cart.controller.js';
import { Cart, CartCheckout, CartItem } from './cart.entity.js';
import { CartEvents } from './cart.events.js';
import { CartRepository } from './cart.repository.js';
import { CartService } from './cart.service.js';
import { CheckoutRepository } from './checkout.repository.js';
import { CheckoutService } from './checkout.service.js';
import { CouponController } from './coupon.controller.js';
import { Coupon, CouponCustomer, CouponRedemption } from './coupon.entity.js';
import { CouponRepository } from './coupon.repository.js';
import { CouponSeed } from './coupon.seed.js';
import { CouponService } from './coupon.service.js';
import { LineService } from './line.service.js';
import { MarketService } from './market.service.js';
import { MergeService } from './merge.service.js';
import { Cart1700000000050 } from './migrations/1700000000050-cart.js';
import { PricingService } from './pricing.service.js';
import { RedemptionRepository } from './redemption.repository.js';
import { RedemptionService } from './redemption.service.js';
import { RetentionService } from './retention.service.js';
import { ValidationService } from './validation.service.js';

const domain = DomainModule.for({
  name: 'cart',
  entities: [Cart, CartItem, CartCheckout, Coupon, CouponRedemption, CouponCustomer],
  migrations: [Cart1700000000050],
  settings: [CartSettings],
});

@Module({
  imports: [domain],
  // The coupons' paths are longer than the cart's: Nest tries controllers in this order.
  controllers: [CouponController, CartController, CartEvents],
  providers: [
    ...[CartRepository, CheckoutRepository, CouponRepository, RedemptionRepository],
    ...[MarketService, PricingService, LineService, CouponService, ValidationService],
    ...[CartService, CheckoutService, MergeService, RedemptionService, RetentionService, CouponSeed],
  ],
})
export class CartModule {}
