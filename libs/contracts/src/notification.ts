import { api, contract } from '@nakku/rpc';
import { event } from '@nakku/transport';
import { z } from 'zod';
import { Id } from './shapes.js';

export const Channel = z.enum(['in_app', 'email', 'sms', 'push']);

export const notification = contract('notification', {
  /** Queues one message to one person; the same `key` sends it once. `to` is an e-mail address or phone number; secrets belong in `data` only for e-mail and SMS. */
  send: {
    input: z.object({
      key: z.string().min(1).max(191),
      userId: Id.optional(),
      channel: Channel,
      to: z.string().max(254).optional(),
      type: z.string().max(64),
      title: z.string().max(200),
      body: z.string().max(4000),
      data: z.record(z.string(), z.unknown()).default({}),
    }),
    output: z.object({}),
    idempotent: true,
  },
});
export class NotificationApi extends api(notification) {}

const Base = z.object({
  notificationId: Id,
  userId: Id.optional(),
  type: z.string(),
  channel: Channel,
  orderId: Id.optional(),
});
export const notificationSent = event({ type: 'notification.sent', version: 1, key: 'notificationId', payload: Base });
export const notificationFailed = event({
  type: 'notification.failed',
  version: 1,
  key: 'notificationId',
  payload: Base.extend({ reason: z.string() }),
});
