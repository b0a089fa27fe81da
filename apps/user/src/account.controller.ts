import { Access, GuestToken } from '@nakku/auth';
import { Returns } from '@nakku/rpc';
import { Body, Controller, Header, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Login, RefreshToken, Register, SignedInView } from './account.dto.js';
import { AccountService, type Admitted } from './account.service.js';
import { GuestService } from './guest.service.js';
import { type SignedIn, SessionService } from './session.service.js';

@Controller('users')
@ApiTags('users')
@Access('public')
export class AccountController {
  constructor(
    private readonly accounts: AccountService,
    private readonly sessions: SessionService,
    private readonly guests: GuestService,
  ) {}

  @Post('register')
  @Header('cache-control', 'no-store')
  @Returns(201, SignedInView)
  async register(@Body() body: Register, @Ip() address: string, @GuestToken() guest?: string) {
    return this.welcome(await this.accounts.register(body, address), guest);
  }

  @Post('login')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Returns(200, SignedInView)
  async login(@Body() body: Login, @Ip() address: string, @GuestToken() guest?: string) {
    return this.welcome(await this.accounts.login(body, address), guest);
  }

  @Post('token/refresh')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Returns(200, SignedInView)
  refresh(@Body() { refreshToken }: RefreshToken) {
    return this.sessions.refresh(refreshToken);
  }

  @Post('logout')
  @HttpCode(204)
  @Returns(204)
  logout(@Body() { refreshToken }: RefreshToken) {
    return this.sessions.end(refreshToken);
  }

  private async welcome({ user, ticket }: Admitted, guest: string | undefined): Promise<SignedIn> {
    await this.guests.adopt(guest, user.id);
    return this.sessions.answer(user, ticket);
  }
}
