import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** The streams of events that pass through. They would last for ever: a gateway that stops ends them, and their clients come again. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<FastifyReply>();

  /** Ends this answer when the gateway stops. */
  add(reply: FastifyReply): void {
    this.open.add(reply);
    reply.raw.once('close', () => this.open.delete(reply));
  }

  beforeApplicationShutdown(): void {
    for (const { raw } of this.open) raw.end();
  }
}
