import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Returns } from '@nakku/rpc';
import { Body, Controller, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ChangePassword, ForgotPassword, ResetPassword } from './account.dto.js';
import { CredentialService } from './credential.service.js';
import { ResetService } from './reset.service.js';

@Controller('users/password')
@ApiTags('users')
export class PasswordController {
  constructor(
    private readonly resets: ResetService,
    private readonly credentials: CredentialService,
  ) {}

  @Post('forgot')
  @HttpCode(202)
  @Access('public')
  @Returns(202)
  forgot(@Body() { email }: ForgotPassword): void {
    this.resets.begin(email);
  }

  @Post('reset')
  @HttpCode(204)
  @Access('public')
  @Returns(204)
  reset(@Body() { token, newPassword }: ResetPassword) {
    return this.credentials.reset(token, newPassword);
  }

  @Post('change')
  @HttpCode(204)
  @Access('user')
  @Returns(204)
  change(@Body() body: ChangePassword, @CurrentActor() actor: Actor, @Ip() address: string) {
    return this.credentials.change(actor, body, address);
  }
}
