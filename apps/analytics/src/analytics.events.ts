import {
  deliveryCompleted,
  EVENTS,
  orderCancelled,
  orderCompleted,
  orderConfirmed,
  orderCreated,
  orderPacked,
} from '@nakku/contracts';
import { type Envelope, type EventDefinition, type EventOf, Listener, On } from '@nakku/transport';
import { AnalyticsService } from './analytics.service.js';

/** Events that say more than that they happened. */
const SPECIAL: readonly EventDefinition[] = [
  orderCreated,
  orderConfirmed,
  orderPacked,
  orderCancelled,
  orderCompleted,
  deliveryCompleted,
];

/** Counting comes last: many events meet in one count, and each holds it until its transaction ends. */
@Listener('analytics')
export class AnalyticsEvents {
  constructor(private readonly analytics: AnalyticsService) {}

  @On(orderCreated)
  async created({ type, time, data }: EventOf<typeof orderCreated>): Promise<void> {
    await this.analytics.order(data, 'pending', time);
    await this.analytics.count(type, time, data.storeId);
  }

  @On(orderConfirmed)
  async confirmed({ type, time, data }: EventOf<typeof orderConfirmed>): Promise<void> {
    await this.analytics.order(data, 'confirmed', time);
    await this.analytics.sold(data.items, time);
    await this.analytics.count(type, time, data.storeId);
  }

  @On(orderPacked)
  async packed({ type, time, data }: EventOf<typeof orderPacked>): Promise<void> {
    await this.analytics.count(type, time, data.storeId);
  }

  @On(orderCancelled)
  async cancelled({ type, time, data }: EventOf<typeof orderCancelled>): Promise<void> {
    await this.analytics.order(data, 'cancelled', time);
    await this.analytics.count(type, time, data.storeId);
  }

  @On(orderCompleted)
  async completed({ type, time, data }: EventOf<typeof orderCompleted>): Promise<void> {
    await this.analytics.order(data, data.status, time);
    await this.analytics.count(type, time, data.storeId);
  }

  @On(deliveryCompleted)
  async delivered({ type, time, data }: EventOf<typeof deliveryCompleted>): Promise<void> {
    await this.analytics.ride(data, time);
    await this.analytics.count(type, time, data.storeId);
  }

  /** Every other event is counted. */
  async other({ type, time, data }: Envelope): Promise<void> {
    const { storeId } = data as { storeId?: unknown };
    await this.analytics.count(type, time, typeof storeId === 'string' ? storeId : '');
  }
}

// One handler listens to all the rest, so that a new event is counted without a line here. A method carries one pattern: each gets its own.
for (const definition of EVENTS.filter((one) => !SPECIAL.includes(one))) {
  const name = `on ${definition.type}`;
  const handle = function (this: AnalyticsEvents, event: Envelope) {
    return this.other(event);
  };
  Object.defineProperty(AnalyticsEvents.prototype, name, { value: handle, writable: true, configurable: true });
  On(definition)(AnalyticsEvents.prototype, name, Object.getOwnPropertyDescriptor(AnalyticsEvents.prototype, name)!);
}
