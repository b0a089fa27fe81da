import { Channel, Id, Instant } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';

const View = z.object({
  id: Id,
  type: z.string(),
  channel: Channel,
  title: z.string(),
  body: z.string(),
  orderId: Id.optional(),
  data: z.record(z.string(), z.unknown()),
  readAt: Instant.nullable(),
  createdAt: Instant,
});
const channels = { email: z.boolean(), sms: z.boolean(), push: z.boolean() };

export class NotificationPageQuery extends dto(PageQuery) {}
export class NotificationView extends dto(View) {}
export class NotificationPage extends dto(page(View)) {}
export class WantedChannels extends dto(z.strictObject(channels)) {}
export class PreferencesView extends dto(z.object({ inApp: z.boolean(), ...channels })) {}
export class Subscribe extends dto(
  z.strictObject({
    endpoint: z.url({ protocol: /^https$/ }).max(1000),
    keys: z.strictObject({ p256dh: z.string().min(1).max(200), auth: z.string().min(1).max(100) }),
  }),
) {}
export class SubscriptionView extends dto(z.object({ id: Id, endpoint: z.string() })) {}
export class OutboundPage extends dto(
  page(
    z.object({
      id: Id,
      channel: Channel,
      to: z.string(),
      type: z.string(),
      title: z.string(),
      body: z.string(),
      createdAt: Instant,
    }),
  ),
) {}
