import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import type { FastifyReply } from 'fastify';
import { CancellingService } from './cancelling.service.js';
import { CancelOrder, ListOrders, OrderPage, OrderView, PlaceOrder } from './order.dto.js';
import { OrderService } from './order.service.js';
import { waitOf } from './placing.js';
import { PlacingService } from './placing.service.js';
import { Timeline } from './update.dto.js';

@Controller('orders')
@ApiTags('orders')
export class OrderController {
  constructor(
    private readonly placing: PlacingService,
    private readonly orders: OrderService,
    private readonly cancelling: CancellingService,
  ) {}

  @Post()
  @Access('customer')
  @Idempotent({ required: true })
  @Returns(201, OrderView, 'The order, still pending; with `Prefer: wait=5` once it is confirmed or cancelled.')
  async place(
    @Body() body: PlaceOrder,
    @CurrentActor() actor: Actor,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderView> {
    const order = await this.placing.place(actor, body);
    const seconds = waitOf(prefer);
    if (!seconds) return order;
    void reply.header('Preference-Applied', `wait=${seconds}`);
    return this.orders.settled(order.id, seconds);
  }

  @Get()
  @Access('user')
  @Returns(200, OrderPage)
  list(@Query() query: ListOrders, @CurrentActor() actor: Actor): Promise<OrderPage> {
    return this.orders.list(actor, query);
  }

  @Get(':id')
  @Access('user')
  @Returns(200, OrderView)
  show(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor): Promise<OrderView> {
    return this.orders.show(actor, id);
  }

  @Get(':id/timeline')
  @Access('user')
  @Returns(200, Timeline)
  timeline(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor): Promise<Timeline> {
    return this.orders.timeline(actor, id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Access('user')
  @Idempotent()
  @Returns(200, OrderView)
  async cancel(
    @Param('id', IdPipe) id: string,
    @Body() body: CancelOrder,
    @CurrentActor() actor: Actor,
  ): Promise<OrderView> {
    return this.cancelling.cancel(actor, await this.orders.visible(actor, id), body.reason);
  }
}
