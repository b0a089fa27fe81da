import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor, GuestToken, OptionalActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import type { FastifyReply } from 'fastify';
import { ApplyCoupon, CartValidation, CartView, PutItem, ValidateCart } from './cart.dto.js';
import { ownerOf } from './cart.owner.js';
import { CouponService } from './coupon.service.js';
import { LineService } from './line.service.js';
import { ValidationService } from './validation.service.js';

const TOKEN_HEADER = {
  name: 'X-Cart-Token',
  required: false,
  description: 'A guest’s cart; given out with the first write',
};

@Controller('cart')
@ApiTags('cart')
export class CartController {
  constructor(
    private readonly lines: LineService,
    private readonly coupons: CouponService,
    private readonly validation: ValidationService,
  ) {}

  @Get()
  @Access('guest')
  @ApiHeader(TOKEN_HEADER)
  @Returns(200, CartView)
  show(@OptionalActor() actor: Actor | undefined, @GuestToken() token: string | undefined) {
    return this.lines.show(ownerOf(actor, token));
  }

  @Put('items/:productId')
  @Access('guest')
  @ApiHeader(TOKEN_HEADER)
  @Returns(200, CartView)
  async put(
    @Param('productId', IdPipe) productId: string,
    @Body() { quantity }: PutItem,
    @OptionalActor() actor: Actor | undefined,
    @GuestToken() token: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { cart, guestToken } = await this.lines.put(ownerOf(actor, token), productId, quantity);
    if (guestToken) reply.header('x-cart-token', guestToken);
    return cart;
  }

  @Delete('items/:productId')
  @Access('guest')
  @ApiHeader(TOKEN_HEADER)
  @Returns(200, CartView)
  remove(
    @Param('productId', IdPipe) productId: string,
    @OptionalActor() actor: Actor | undefined,
    @GuestToken() token: string | undefined,
  ) {
    return this.lines.remove(ownerOf(actor, token), productId);
  }

  @Delete()
  @Access('guest')
  @ApiHeader(TOKEN_HEADER)
  @Returns(200, CartView)
  clear(@OptionalActor() actor: Actor | undefined, @GuestToken() token: string | undefined) {
    return this.lines.clear(ownerOf(actor, token));
  }

  @Post('coupon')
  @HttpCode(200)
  @Access('user')
  @Returns(200, CartView)
  applyCoupon(@Body() { code }: ApplyCoupon, @CurrentActor() actor: Actor) {
    return this.coupons.apply(actor.id, code);
  }

  @Delete('coupon')
  @Access('user')
  @Returns(200, CartView)
  takeCouponOff(@CurrentActor() actor: Actor) {
    return this.coupons.takeOff(actor.id);
  }

  @Post('validate')
  @HttpCode(200)
  @Access('user')
  @Returns(200, CartValidation)
  validate(@Body() { addressId }: ValidateCart, @CurrentActor() actor: Actor) {
    return this.validation.validate(actor.id, addressId);
  }
}
