import { createHash, timingSafeEqual } from 'node:crypto';
import { CoreSettings } from '@nakku/config';
import { Controller, ForbiddenException, Get, Req, Res, SetMetadata } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Metrics } from './metrics.js';
import { isPrivateAddress, wasForwarded } from './peer.js';

interface Incoming {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

interface Outgoing {
  header(name: string, value: string): Outgoing;
}

/** GET /metrics: for a scraper in the private network, or for whoever has METRICS_TOKEN. */
@Controller('metrics')
@ApiExcludeController()
@SetMetadata('nakku:access', ['public'])
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly core: CoreSettings,
  ) {}

  @Get()
  async show(@Req() request: Incoming, @Res({ passthrough: true }) response: Outgoing): Promise<string> {
    if (!this.allows(request))
      throw new ForbiddenException({
        code: 'METRICS_FORBIDDEN',
        detail: 'Metrics are for the private network or for a bearer of the metrics token.',
      });
    const text = await this.metrics.render();
    // Not by @Header: that is set before this method runs, and a refusal would go out as plain text too.
    response.header('content-type', this.metrics.registry.contentType).header('cache-control', 'no-store');
    return text;
  }

  /** The socket's own address counts: what headers say about it can be made up. */
  private allows({ headers, socket }: Incoming): boolean {
    return this.hasToken(headers.authorization) || (isPrivateAddress(socket.remoteAddress) && !wasForwarded(headers));
  }

  private hasToken(authorization: string | string[] | undefined): boolean {
    const expected = this.core.METRICS_TOKEN;
    return expected !== undefined && timingSafeEqual(digest(`Bearer ${expected}`), digest(String(authorization)));
  }
}

/** Equal lengths, which timingSafeEqual wants, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
