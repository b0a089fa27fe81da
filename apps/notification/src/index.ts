import { NotificationApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { NotificationModule } from './notification.module.js';
import { NotificationService } from './notification.service.js';

export const notification = defineDomain({
  name: 'notification',
  module: NotificationModule,
  api: NotificationApi,
  service: NotificationService,
});
