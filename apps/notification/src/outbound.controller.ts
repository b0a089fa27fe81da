import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Environment } from '@nakku/config';
import { notFound, Returns } from '@nakku/rpc';
import { NotificationPageQuery, OutboundPage } from './notification.dto.js';
import { NotificationService } from './notification.service.js';

@Controller('admin/outbound-messages')
@ApiTags('admin')
export class OutboundController {
  constructor(
    private readonly notifications: NotificationService,
    private readonly environment: Environment,
  ) {}

  /** The mails and SMS of a demo, newest first. In production they hold people's secrets, so there is no such list. */
  @Get()
  @Access('admin')
  @Returns(200, OutboundPage)
  list(@Query() query: NotificationPageQuery) {
    if (this.environment.production) throw notFound('list');
    return this.notifications.listOutbound(query);
  }
}
