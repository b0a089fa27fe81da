import { AnalyticsApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { AnalyticsModule } from './analytics.module.js';
import { AnalyticsService } from './analytics.service.js';

export const analytics = defineDomain({
  name: 'analytics',
  module: AnalyticsModule,
  api: AnalyticsApi,
  service: AnalyticsService,
});
