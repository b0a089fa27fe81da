import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Returns } from '@nakku/rpc';
import { CouponPage, CouponQuery, CouponView, NewCoupon } from './coupon.dto.js';
import { CouponService } from './coupon.service.js';

@Controller('cart/coupons')
@ApiTags('cart')
@Access('admin')
export class CouponController {
  constructor(private readonly coupons: CouponService) {}

  @Get()
  @Returns(200, CouponPage)
  list(@Query() query: CouponQuery) {
    return this.coupons.list(query);
  }

  @Post()
  @Returns(201, CouponView)
  create(@Body() body: NewCoupon) {
    return this.coupons.create(body);
  }

  @Delete(':code')
  @HttpCode(204)
  @Returns(204)
  remove(@Param('code') code: string) {
    return this.coupons.remove(code);
  }
}
