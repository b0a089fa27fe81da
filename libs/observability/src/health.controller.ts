import { Controller, Get, Header, HttpStatus, Res, ServiceUnavailableException, SetMetadata } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorFunction } from '@nestjs/terminus';
import { HealthRegistry, type HealthReport, type HealthState } from './health.registry.js';

interface Outgoing {
  status(code: number): unknown;
}

/** The body of /health: each dependency by name. */
export interface HealthBody {
  status: 'ok' | 'error';
  details: HealthReport;
}

/** GET /health, /health/live and /health/ready: 200, or 503 with the failing dependency named. */
@Controller('health')
@ApiExcludeController()
@SetMetadata('nakku:access', ['public'])
export class HealthController {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async all(@Res({ passthrough: true }) response: Outgoing): Promise<HealthBody> {
    return this.answer(await this.registry.ready(), response);
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  async live(@Res({ passthrough: true }) response: Outgoing): Promise<HealthBody> {
    return this.answer(await this.registry.live(), response);
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) response: Outgoing): Promise<HealthBody> {
    return this.answer(await this.registry.ready(), response);
  }

  /** A 503 from here is a report and not a problem, so it is written here and not thrown. */
  private async answer(details: HealthReport, response: Outgoing): Promise<HealthBody> {
    const status = await this.verdict(details);
    if (status === 'error') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status, details };
  }

  private async verdict(details: HealthReport): Promise<HealthBody['status']> {
    try {
      await this.health.check(Object.entries(details).map(([name, state]) => this.indicator(name, state)));
      return 'ok';
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return 'error';
      throw error;
    }
  }

  private indicator(name: string, { status }: HealthState): HealthIndicatorFunction {
    const indicator = this.indicators.check(name);
    return () => (status === 'down' ? indicator.down() : indicator.up());
  }
}
