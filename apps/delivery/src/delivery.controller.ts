import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import { RouteView, TrackingView } from './delivery.dto.js';
import { DeliveryService } from './delivery.service.js';

@Controller('delivery')
@ApiTags('delivery')
export class DeliveryController {
  constructor(private readonly deliveries: DeliveryService) {}

  @Get('orders/:orderId')
  @Access('user')
  @Returns(200, TrackingView)
  track(@Param('orderId', IdPipe) orderId: string, @CurrentActor() actor: Actor) {
    return this.deliveries.track(actor, orderId);
  }

  @Get('routes/:riderId')
  @Access('rider', 'admin')
  @Returns(200, RouteView)
  route(@Param('riderId', IdPipe) riderId: string, @CurrentActor() actor: Actor) {
    return this.deliveries.route(actor, riderId);
  }
}
