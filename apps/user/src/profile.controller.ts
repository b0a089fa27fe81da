import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Returns } from '@nakku/rpc';
import { Body, Controller, Delete, Get, HttpCode, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ChangeProfile } from './profile.dto.js';
import { ProfileService } from './profile.service.js';
import { UserDto } from './user.dto.js';

@Controller('users/profile')
@ApiTags('users')
@Access('user')
export class ProfileController {
  constructor(private readonly profiles: ProfileService) {}

  @Get()
  @Returns(200, UserDto)
  get(@CurrentActor() actor: Actor) {
    return this.profiles.get(actor.id);
  }

  @Patch()
  @Returns(200, UserDto)
  change(@CurrentActor() actor: Actor, @Body() body: ChangeProfile) {
    return this.profiles.change(actor.id, body);
  }

  @Delete()
  @HttpCode(204)
  @Returns(204)
  remove(@CurrentActor() actor: Actor) {
    return this.profiles.remove(actor.id);
  }
}
