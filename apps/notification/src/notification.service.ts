import { Injectable, Logger } from '@nestjs/common';
import { type NotificationApi, notificationSent } from '@nakku/contracts';
import { Database, newId, now } from '@nakku/database';
import { badRequest, decodeCursor, type Input, notFound, type PageQuery, paged, unprocessable } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { z } from 'zod';
import type { Subscribe, WantedChannels } from './notification.dto.js';
import type { Notification } from './notification.entity.js';
import { NotificationRepository } from './notification.repository.js';

/** Something to put into a user's inbox. */
export interface Tell {
  /** The same key is told once. */
  key: string;
  userId: string;
  type: string;
  title: string;
  body: string;
  orderId?: string;
  data?: Record<string, unknown>;
}

const MAX_SUBSCRIPTIONS = 20;
/** Characters of a message's further facts as JSON: what a lock screen needs is far less. */
const MAX_DATA = 8000;
const EVERYTHING = { email: true, sms: true, push: true };

@Injectable()
export class NotificationService implements NotificationApi {
  private readonly logger = new Logger('outbound');

  constructor(
    private readonly database: Database,
    private readonly notifications: NotificationRepository,
    private readonly events: EventBus,
  ) {}

  /** Puts a message into a user's inbox. Inside a transaction. */
  async tell({ key, userId, type, title, body, orderId, data }: Tell): Promise<void> {
    const facts = JSON.stringify(data ?? {});
    if (facts.length > MAX_DATA)
      throw badRequest('DATA_TOO_LARGE', `\`data\` has at most ${MAX_DATA} characters as JSON.`);
    const row = {
      id: newId(),
      dedupeKey: `${key}:in_app`,
      userId,
      type,
      title,
      body,
      orderId: orderId ?? null,
      data: facts,
      readAt: null,
      createdAt: now(),
    };
    if (!(await this.notifications.add(row))) return;
    await this.events.publish(notificationSent({ notificationId: row.id, userId, type, channel: 'in_app', orderId }));
  }

  /** Takes a message for any channel; a mail or SMS is kept for `GET /admin/outbound-messages` and told to the log. */
  async send({ key, channel, to, userId, type, title, body, data }: Input<NotificationApi, 'send'>) {
    await this.database.transaction(async () => {
      if (channel === 'in_app') {
        if (!userId) throw unprocessable('RECIPIENT_MISSING', 'An in-app message needs a userId.');
        return this.tell({ key, userId, type, title, body, data });
      }
      if (!to) throw unprocessable('RECIPIENT_MISSING', 'A mail or SMS needs a recipient.');
      const row = {
        id: newId(),
        dedupeKey: `${key}:${channel}`,
        userId: userId ?? null,
        channel,
        recipient: to,
        type,
        title,
        body,
        createdAt: now(),
      };
      if (!(await this.notifications.addOutbound(row))) return;
      await this.events.publish(notificationSent({ notificationId: row.id, userId, type, channel }));
      this.database.afterCommit(() => this.logger.log({ channel, type, id: row.id }, 'message sent'));
    });
    return {};
  }

  async list(userId: string, { limit, cursor }: PageQuery) {
    const before = cursor ? decodeCursor(cursor, z.uuid()) : undefined;
    const page = paged(await this.notifications.list(userId, limit + 1, before), limit, ({ id }) => id);
    return { ...page, items: page.items.map(notificationView) };
  }

  async listOutbound({ limit, cursor }: PageQuery) {
    const before = cursor ? decodeCursor(cursor, z.uuid()) : undefined;
    const page = paged(await this.notifications.listOutbound(limit + 1, before), limit, ({ id }) => id);
    return {
      ...page,
      items: page.items.map(({ dedupeKey: _key, userId: _user, recipient, ...row }) => ({ ...row, to: recipient })),
    };
  }

  /** Reading twice keeps the first time. */
  async read(userId: string, id: string) {
    await this.database.transaction(() => this.notifications.markRead(userId, id, now()));
    const row = await this.notifications.find(userId, id);
    if (!row) throw notFound('notification');
    return notificationView(row);
  }

  async preferences(userId: string) {
    const { email, sms, push } = (await this.notifications.preferences(userId)) ?? EVERYTHING;
    return { inApp: true, email, sms, push };
  }

  async prefer(userId: string, { email, sms, push }: WantedChannels) {
    await this.database.transaction(() => this.notifications.setPreferences({ userId, email, sms, push }));
    return { inApp: true, email, sms, push };
  }

  /** A browser that subscribes again is still one: it only gets its new keys. */
  async subscribe(userId: string, { endpoint, keys }: Subscribe) {
    return this.database.transaction(async () => {
      await this.notifications.hold({ userId, ...EVERYTHING });
      const subscriptions = await this.notifications.subscriptions(userId);
      const known = subscriptions.find((one) => one.endpoint === endpoint);
      if (!known && subscriptions.length >= MAX_SUBSCRIPTIONS)
        throw unprocessable('TOO_MANY_SUBSCRIPTIONS', `A user may have ${MAX_SUBSCRIPTIONS} browsers.`);
      const id = known?.id ?? newId();
      if (known) await this.notifications.renewSubscription(id, keys);
      else await this.notifications.addSubscription({ id, userId, endpoint, ...keys, createdAt: now() });
      return { id, endpoint };
    });
  }
}

export function notificationView({ id, type, title, body, orderId, data, readAt, createdAt }: Notification) {
  return {
    id,
    type,
    channel: 'in_app' as const,
    title,
    body,
    ...(orderId ? { orderId } : {}),
    data: JSON.parse(data) as Record<string, unknown>,
    readAt,
    createdAt,
  };
}
