import {
  deliveryAssigned,
  deliveryStarted,
  orderCancelled,
  orderCompleted,
  orderConfirmed,
  orderPacked,
  paymentRefunded,
  userDeleted,
  userRegistered,
} from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { textOf } from './notification.js';
import { NotificationRepository } from './notification.repository.js';
import { NotificationService } from './notification.service.js';

@Listener('notification')
export class NotificationEvents {
  constructor(
    private readonly notifications: NotificationService,
    private readonly repository: NotificationRepository,
  ) {}

  @On(userRegistered)
  async registered({ type, data }: EventOf<typeof userRegistered>): Promise<void> {
    await this.notifications.tell({ key: `${type}:${data.userId}`, userId: data.userId, type, ...textOf(type, data) });
  }

  @On(orderConfirmed)
  async confirmed({ type, data }: EventOf<typeof orderConfirmed>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data));
  }

  @On(orderPacked)
  async packed({ type, data }: EventOf<typeof orderPacked>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data));
  }

  @On(orderCancelled)
  async cancelled({ type, data }: EventOf<typeof orderCancelled>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data));
  }

  @On(orderCompleted)
  async completed({ type, data }: EventOf<typeof orderCompleted>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data));
  }

  @On(deliveryAssigned)
  async assigned({ type, data }: EventOf<typeof deliveryAssigned>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data), data.jobId);
  }

  @On(deliveryStarted)
  async started({ type, data }: EventOf<typeof deliveryStarted>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data), data.jobId);
  }

  /** A payment may be refunded in parts: each event is one message. */
  @On(paymentRefunded)
  async refunded({ id, type, data }: EventOf<typeof paymentRefunded>): Promise<void> {
    await this.tellCustomer(type, data, textOf(type, data), id);
  }

  @On(userDeleted)
  async deleted({ data }: EventOf<typeof userDeleted>): Promise<void> {
    await this.repository.forget(data.userId);
  }

  private tellCustomer(
    type: string,
    { orderId, customerId }: { orderId: string; customerId: string },
    text: { title: string; body: string },
    once = orderId,
  ) {
    return this.notifications.tell({ key: `${type}:${once}`, userId: customerId, type, orderId, ...text });
  }
}
