import { Access, TokenService } from '@nakku/auth';
import { dto, Returns } from '@nakku/rpc';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';

class KeySet extends dto(z.object({ keys: z.array(z.record(z.string(), z.unknown())) })) {}

@Controller('.well-known')
@ApiTags('users')
@Access('public')
export class JwksController {
  constructor(private readonly tokens: TokenService) {}

  /** The public keys of the access tokens (RFC 7517); none where tokens are symmetric. */
  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=300')
  @Returns(200, KeySet)
  jwks() {
    return this.tokens.jwks();
  }
}
