import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { readSeed, Seed } from '@nakku/runtime';
import { z } from 'zod';
import { NewCouponFields } from './coupon.dto.js';
import { CouponRepository } from './coupon.repository.js';
import { newCoupon } from './coupon.service.js';

/** The demo's coupons. */
@Injectable()
export class CouponSeed extends Seed {
  constructor(
    private readonly database: Database,
    private readonly coupons: CouponRepository,
  ) {
    super();
  }

  async seed(): Promise<void> {
    if (!(await this.coupons.isEmpty())) return;
    const coupons = readSeed('coupons', z.array(NewCouponFields)).map(newCoupon);
    await this.database.transaction(() => this.coupons.add(coupons));
  }
}
