import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { Notification1700000000080 } from './migrations/1700000000080-notification.js';
import { Notification, OutboundMessage, Preferences, PushSubscription } from './notification.entity.js';
import { NotificationController } from './notification.controller.js';
import { NotificationEvents } from './notification.events.js';
import { NotificationRepository } from './notification.repository.js';
import { NotificationService } from './notification.service.js';
import { OutboundController } from './outbound.controller.js';

@Module({
  imports: [
    DomainModule.for({
      name: 'notification',
      entities: [Notification, OutboundMessage, Preferences, PushSubscription],
      migrations: [Notification1700000000080],
    }),
  ],
  controllers: [NotificationController, OutboundController, NotificationEvents],
  providers: [NotificationService, NotificationRepository],
})
export class NotificationModule {}
