import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { dto, IdPipe, PageQuery, Returns } from '@nakku/rpc';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AddressDto, AddressPage, ChangeAddressBody, NewAddressBody } from './address.dto.js';
import { AddressService } from './address.service.js';

class AddressQuery extends dto(PageQuery) {}

@Controller('users/addresses')
@ApiTags('users')
@Access('user')
export class AddressController {
  constructor(private readonly addresses: AddressService) {}

  @Get()
  @Returns(200, AddressPage)
  list(@CurrentActor() actor: Actor, @Query() { limit, cursor }: AddressQuery) {
    return this.addresses.list(actor.id, limit, cursor);
  }

  @Post()
  @Returns(201, AddressDto)
  add(@CurrentActor() actor: Actor, @Body() body: NewAddressBody) {
    return this.addresses.add(actor.id, body);
  }

  @Get(':id')
  @Returns(200, AddressDto)
  get(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.addresses.get(actor.id, id);
  }

  @Patch(':id')
  @Returns(200, AddressDto)
  change(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() body: ChangeAddressBody) {
    return this.addresses.change(actor.id, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Returns(204)
  remove(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string) {
    return this.addresses.remove(actor.id, id);
  }
}
