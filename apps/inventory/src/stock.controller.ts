import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Idempotent, Returns } from '@nakku/rpc';
import { AdjustmentService } from './adjustment.service.js';
import { LowStockQuery, MovementPage, NewAdjustment, StockPage, StockQuery, StockView } from './stock.dto.js';
import { StockService } from './stock.service.js';

@Controller('inventory')
@ApiTags('inventory')
@Access('store_staff', 'admin')
export class StockController {
  constructor(
    private readonly stock: StockService,
    private readonly adjustments: AdjustmentService,
  ) {}

  @Get('stock')
  @Returns(200, StockPage)
  list(@Query() query: StockQuery, @CurrentActor() actor: Actor) {
    return this.stock.list(actor, query);
  }

  @Get('low-stock')
  @Returns(200, StockPage)
  low(@Query() query: LowStockQuery, @CurrentActor() actor: Actor) {
    return this.stock.list(actor, query, true);
  }

  @Get('movements')
  @Returns(200, MovementPage)
  history(@Query() query: StockQuery, @CurrentActor() actor: Actor) {
    return this.stock.history(actor, query);
  }

  @Post('adjustments')
  @Idempotent()
  @Returns(201, StockView)
  adjust(@Body() body: NewAdjustment, @CurrentActor() actor: Actor) {
    return this.adjustments.adjust(actor, body);
  }
}
