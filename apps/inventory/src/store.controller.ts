import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import { NewStore, PatchStore, StorePage, StoreQuery, StoreView } from './store.dto.js';
import { StoreService } from './store.service.js';

@Controller('inventory/stores')
@ApiTags('inventory')
export class StoreController {
  constructor(private readonly stores: StoreService) {}

  @Get()
  @Access('public')
  @Returns(200, StorePage)
  list(@Query() query: StoreQuery) {
    return this.stores.list(query);
  }

  @Post()
  @Access('admin')
  @Idempotent()
  @Returns(201, StoreView)
  add(@Body() body: NewStore) {
    return this.stores.add(body);
  }

  @Patch(':id')
  @Access('admin')
  @Returns(200, StoreView)
  change(@Param('id', IdPipe) id: string, @Body() body: PatchStore) {
    return this.stores.change(id, body);
  }
}
