import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Returns } from '@nakku/rpc';
import { HiringService } from './hiring.service.js';
import { PositionService } from './position.service.js';
import { NewRider, RiderChange, RiderList, RiderPosition, RiderQuery, RiderView } from './rider.dto.js';
import { RiderService } from './rider.service.js';

@Controller('delivery/riders')
@ApiTags('delivery')
export class RiderController {
  constructor(
    private readonly riders: RiderService,
    private readonly hiring: HiringService,
    private readonly positions: PositionService,
  ) {}

  @Post()
  @Access('admin')
  @Returns(201, RiderView)
  hire(@Body() body: NewRider) {
    return this.hiring.hire(body);
  }

  @Get()
  @Access('admin')
  @Returns(200, RiderList)
  list(@Query() query: RiderQuery) {
    return this.riders.list(query);
  }

  @Patch('me')
  @Access('rider')
  @Returns(200, RiderView)
  change(@Body() body: RiderChange, @CurrentActor() actor: Actor) {
    return this.riders.change(actor, body.status);
  }

  @Post('me/position')
  @HttpCode(200)
  @Access('rider')
  @Returns(200, RiderView)
  moved(@Body() body: RiderPosition, @CurrentActor() actor: Actor) {
    return this.positions.moved(actor, body);
  }
}
