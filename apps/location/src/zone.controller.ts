import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import { NewZone, PatchZone, ZonePage, ZoneQuery, ZoneView } from './zone.dto.js';
import { ZoneService } from './zone.service.js';

@Controller('location/zones')
@ApiTags('location')
export class ZoneController {
  constructor(private readonly zones: ZoneService) {}

  @Get()
  @Access('public')
  @Returns(200, ZonePage)
  list(@Query() query: ZoneQuery) {
    return this.zones.list(query);
  }

  @Post()
  @Access('admin')
  @Idempotent()
  @Returns(201, ZoneView)
  add(@Body() body: NewZone) {
    return this.zones.add(body);
  }

  @Patch(':id')
  @Access('admin')
  @Returns(200, ZoneView)
  change(@Param('id', IdPipe) id: string, @Body() body: PatchZone) {
    return this.zones.change(id, body);
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  @Returns(204)
  async remove(@Param('id', IdPipe) id: string): Promise<void> {
    await this.zones.remove(id);
  }
}
