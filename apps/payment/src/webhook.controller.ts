import { Controller, HttpCode, Param, Post, type RawBodyRequest, Req } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Returns } from '@nakku/rpc';
import type { FastifyRequest } from 'fastify';
import { WebhookEvent, WebhookReceived } from './payment.dto.js';
import { WebhookService } from './webhook.service.js';

@Controller('payments/webhooks')
@ApiTags('payments')
export class WebhookController {
  constructor(private readonly webhooks: WebhookService) {}

  /** The body is read only once its signature is known to be the provider's: so no DTO here. */
  @Post(':provider')
  @HttpCode(200)
  @Access('public')
  @ApiBody({ type: WebhookEvent })
  @Returns(200, WebhookReceived)
  receive(@Param('provider') provider: string, @Req() request: RawBodyRequest<FastifyRequest>) {
    return this.webhooks.receive(provider, request.headers, request.rawBody ?? Buffer.alloc(0));
  }
}
