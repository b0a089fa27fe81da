import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import { PaymentPage, PaymentQuery, PaymentView, RefundRequest } from './payment.dto.js';
import { PaymentService } from './payment.service.js';
import { RefundService } from './refund.service.js';

@Controller('payments')
@ApiTags('payments')
@Access('user')
export class PaymentController {
  constructor(
    private readonly payments: PaymentService,
    private readonly refunds: RefundService,
  ) {}

  @Get()
  @Returns(200, PaymentPage)
  list(@Query() query: PaymentQuery, @CurrentActor() actor: Actor) {
    return this.payments.list(actor, query);
  }

  @Get(':id')
  @Returns(200, PaymentView)
  get(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor) {
    return this.payments.get(actor, id);
  }

  /** Open to whoever is signed in, so that an owner can be told 403 and a stranger 404; only an admin may. */
  @Post(':id/refunds')
  @Idempotent()
  @Returns(201, PaymentView)
  refund(@Param('id', IdPipe) id: string, @Body() body: RefundRequest, @CurrentActor() actor: Actor) {
    return this.refunds.refund(actor, id, body);
  }
}
