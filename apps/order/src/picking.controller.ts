import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor, worksAt } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Idempotent, IdPipe, notFound, Returns } from '@nakku/rpc';
import { OrderPage, OrderView, QueueQuery } from './order.dto.js';
import { OrderService } from './order.service.js';
import { PickingService } from './picking.service.js';

@Controller('orders')
@ApiTags('orders')
@Access('store_staff', 'admin')
export class PickingController {
  constructor(
    private readonly orders: OrderService,
    private readonly picking: PickingService,
  ) {}

  @Get('store/:storeId/queue')
  @Returns(200, OrderPage)
  async queue(
    @Param('storeId', IdPipe) storeId: string,
    @Query() { limit, cursor }: QueueQuery,
    @CurrentActor() actor: Actor,
  ): Promise<OrderPage> {
    if (!worksAt(actor, storeId)) throw notFound('store');
    return this.orders.queue(storeId, limit, cursor);
  }

  @Post(':id/pack')
  @HttpCode(200)
  @Idempotent()
  @Returns(200, OrderView)
  async pack(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor): Promise<OrderView> {
    const { storeId } = await this.orders.visible(actor, id);
    if (!worksAt(actor, storeId)) throw notFound('order'); // staff elsewhere, whose own order this is
    return this.picking.pack(id);
  }
}
