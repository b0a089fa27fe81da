import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SetRoles, UserDto, UserPage, UserQuery } from './user.dto.js';
import { UserService } from './user.service.js';

@Controller('users')
@ApiTags('users')
@Access('admin')
export class UserController {
  constructor(private readonly users: UserService) {}

  @Get()
  @Returns(200, UserPage)
  list(@Query() query: UserQuery) {
    return this.users.list(query);
  }

  @Patch(':id/roles')
  @Returns(200, UserDto)
  setRoles(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string, @Body() { roles, stores }: SetRoles) {
    return this.users.setRoles(actor, id, roles, stores);
  }
}
