import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { AnalyticsController } from './analytics.controller.js';
import { DeliveryFact, EventCount, OrderFact, ProductSale } from './analytics.entity.js';
import { AnalyticsEvents } from './analytics.events.js';
import { AnalyticsRepository } from './analytics.repository.js';
import { AnalyticsService } from './analytics.service.js';
import { Analytics1700000000090 } from './migrations/1700000000090-analytics.js';

@Module({
  imports: [
    DomainModule.for({
      name: 'analytics',
      entities: [OrderFact, ProductSale, DeliveryFact, EventCount],
      migrations: [Analytics1700000000090],
    }),
  ],
  controllers: [AnalyticsController, AnalyticsEvents],
  providers: [AnalyticsService, AnalyticsRepository],
})
export class AnalyticsModule {}
