import { Environment } from '@nakku/config';
import { Module } from '@nestjs/common';
import { AdminController } from './admin.controller.js';
import { EventStreams } from './event.streams.js';
import { GatewaySettings } from './gateway.config.js';

@Module({
  controllers: [AdminController],
  providers: [
    EventStreams,
    {
      provide: GatewaySettings,
      inject: [Environment],
      useFactory: (environment: Environment) => environment.get(GatewaySettings),
    },
  ],
})
export class GatewayModule {}
