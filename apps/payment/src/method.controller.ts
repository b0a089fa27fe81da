import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import { MethodPage, MethodQuery, MethodView, NewMethod } from './method.dto.js';
import { MethodService } from './method.service.js';

@Controller('payments/methods')
@ApiTags('payments')
@Access('user')
export class MethodController {
  constructor(private readonly methods: MethodService) {}

  @Get()
  @Returns(200, MethodPage)
  list(@Query() query: MethodQuery, @CurrentActor() actor: Actor) {
    return this.methods.list(actor, query);
  }

  @Post()
  @Idempotent()
  @Returns(201, MethodView)
  add(@Body() body: NewMethod, @CurrentActor() actor: Actor) {
    return this.methods.add(actor, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Returns(204)
  remove(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor) {
    return this.methods.remove(actor, id);
  }
}
