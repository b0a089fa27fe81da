import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import type { FastifyReply } from 'fastify';
import { OrderService } from './order.service.js';
import { StreamService } from './stream.service.js';

/** A proxy must neither keep a stream nor collect it before it passes it on. */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

@Controller('orders')
@ApiTags('orders')
export class StreamController {
  constructor(
    private readonly orders: OrderService,
    private readonly streams: StreamService,
  ) {}

  @Get(':id/stream')
  @Access('user')
  @ApiProduces('text/event-stream')
  @Returns(
    200,
    undefined,
    'Server-sent events `status`, `eta` and `position`; goes on after `Last-Event-ID`, ends with the order.',
  )
  async stream(
    @Param('id', IdPipe) id: string,
    @CurrentActor() actor: Actor,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const order = await this.orders.own(actor, id);
    const stream = await this.streams.follow(order, seen(lastEventId));
    // 204 is how an EventSource is told not to come again.
    if (!stream) return void reply.status(204).send();
    reply.raw.once('close', stream.end);
    void reply.headers(HEADERS).send(stream.events);
  }
}

const seen = (lastEventId = ''): number | undefined =>
  /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
