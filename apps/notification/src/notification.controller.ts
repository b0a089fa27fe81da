import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import {
  NotificationPage,
  NotificationPageQuery,
  NotificationView,
  PreferencesView,
  Subscribe,
  SubscriptionView,
  WantedChannels,
} from './notification.dto.js';
import { NotificationService } from './notification.service.js';

@Controller('notifications')
@ApiTags('notifications')
@Access('user')
export class NotificationController {
  constructor(private readonly notifications: NotificationService) {}

  /** The user's inbox, newest first. */
  @Get()
  @Returns(200, NotificationPage)
  list(@Query() query: NotificationPageQuery, @CurrentActor() { id }: Actor) {
    return this.notifications.list(id, query);
  }

  @Post(':id/read')
  @HttpCode(200)
  @Returns(200, NotificationView)
  read(@Param('id', IdPipe) notificationId: string, @CurrentActor() { id }: Actor) {
    return this.notifications.read(id, notificationId);
  }

  @Get('preferences')
  @Returns(200, PreferencesView)
  preferences(@CurrentActor() { id }: Actor) {
    return this.notifications.preferences(id);
  }

  @Put('preferences')
  @Returns(200, PreferencesView)
  prefer(@Body() body: WantedChannels, @CurrentActor() { id }: Actor) {
    return this.notifications.prefer(id, body);
  }

  @Post('push-subscriptions')
  @Returns(201, SubscriptionView)
  subscribe(@Body() body: Subscribe, @CurrentActor() { id }: Actor) {
    return this.notifications.subscribe(id, body);
  }
}
