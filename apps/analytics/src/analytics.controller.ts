import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Returns } from '@nakku/rpc';
import { spanOf } from './analytics.js';
import {
  DeliveryPerformance,
  Series,
  SeriesQuery,
  SpanQuery,
  StorePerformance,
  Summary,
  TopProducts,
  TopQuery,
} from './analytics.dto.js';
import { AnalyticsService } from './analytics.service.js';

/** Figures of a span: the last seven days unless `from` and `to` say otherwise. */
@Controller('analytics')
@ApiTags('analytics')
@Access('admin')
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Get('summary')
  @Returns(200, Summary)
  summary(@Query() query: SpanQuery) {
    return this.analytics.summary(spanOf(query, Date.now()));
  }

  @Get('orders/timeseries')
  @Returns(200, Series)
  timeseries(@Query() query: SeriesQuery) {
    return this.analytics.timeseries(spanOf(query, Date.now()), query.interval);
  }

  @Get('products/top')
  @Returns(200, TopProducts)
  topProducts(@Query() query: TopQuery) {
    return this.analytics.topProducts(spanOf(query, Date.now()), query.limit);
  }

  @Get('stores/performance')
  @Returns(200, StorePerformance)
  stores(@Query() query: SpanQuery) {
    return this.analytics.stores(spanOf(query, Date.now()));
  }

  @Get('delivery/performance')
  @Returns(200, DeliveryPerformance)
  delivery(@Query() query: SpanQuery) {
    return this.analytics.delivery(spanOf(query, Date.now()));
  }
}
