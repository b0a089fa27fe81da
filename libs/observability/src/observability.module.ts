import { CoreSettings } from '@nakku/config';
import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { LoggerModule } from 'nestjs-pino';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health.registry.js';
import { createLogger } from './logger.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

/** Logs, metrics and health for one application. Needs ConfigModule. */
@Module({})
export class ObservabilityModule {
  /** A global module that provides Metrics, HealthRegistry and the pino loggers, and answers /metrics and /health. */
  static for(): DynamicModule {
    const logger = LoggerModule.forRootAsync({
      inject: [CoreSettings],
      // No routes: its middleware makes a child logger for every request, and our lines get their ids from the context.
      useFactory: (core: CoreSettings) => ({ pinoHttp: { logger: createLogger(core) }, forRoutes: [] }),
    });
    return {
      module: ObservabilityModule,
      global: true,
      imports: [logger, TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, MetricsController],
      providers: [Metrics, HealthRegistry],
      exports: [Metrics, HealthRegistry],
    };
  }
}
