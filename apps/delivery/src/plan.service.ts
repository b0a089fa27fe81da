import { Injectable } from '@nestjs/common';
import { deliveryScheduled, type orderConfirmed } from '@nakku/contracts';
import { now } from '@nakku/database';
import { EventBus, type EventOf } from '@nakku/transport';
import { DeliverySettings } from './delivery.config.js';
import { etaAt, plus, type Stage } from './delivery.js';
import type { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { DispatchService } from './dispatch.service.js';
import { newOtp } from './otp.js';
import { PickupService } from './pickup.service.js';

/** Whose order it is and where it comes from. */
export type OrderRef = Pick<Delivery, 'orderId' | 'customerId' | 'storeId'>;
type Confirmed = EventOf<typeof orderConfirmed>['data'];

/** What a delivery begins with: what is heard of its order. */
@Injectable()
export class PlanService {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly pickups: PickupService,
    private readonly dispatch: DispatchService,
    private readonly events: EventBus,
    private readonly settings: DeliverySettings,
  ) {}

  /** Plans the delivery of an order, once; not at all when its cancellation was heard before. */
  async confirmed(order: Confirmed): Promise<void> {
    const row = this.planned(order);
    if (!(await this.deliveries.insert(row)) && !(await this.deliveries.confirm(row))) return;
    const { orderId, customerId, storeId } = row;
    await this.events.publish(deliveryScheduled({ orderId, customerId, storeId, etaAt: row.etaAt }));
    this.dispatch.wake();
  }

  /** The bag is ready; remembered when the order is not known yet. */
  async packed(order: OrderRef): Promise<void> {
    const at = now();
    if (await this.deliveries.pack(order.orderId, at)) return;
    if (await this.deliveries.insert(this.unplanned(order, 'unconfirmed', true))) return;
    await this.deliveries.pack(order.orderId, at);
  }

  /** Remembers that an order is cancelled of which nothing else is known; false when it is known. */
  cancelledEarly(order: OrderRef): Promise<boolean> {
    return this.deliveries.insert(this.unplanned(order, 'cancelled', false));
  }

  private planned(order: Confirmed): Delivery {
    const row = this.unplanned(order, 'waiting', false);
    const at = Date.parse(row.confirmedAt);
    const readyAt = plus(row.confirmedAt, this.settings.DELIVERY_PREP_MS);
    const pickup = this.pickups.peek(order.storeId);
    // Another domain cannot be asked in here: until the store is known, what the customer was promised is the best guess.
    const expected = pickup
      ? etaAt({ at, readyAt: Date.parse(readyAt), pickup, drop: order.address })
      : order.promisedAt;
    return { ...row, address: order.address, readyAt, etaAt: expected };
  }

  private unplanned({ orderId, customerId, storeId }: OrderRef, stage: Stage, packed: boolean): Delivery {
    const at = now();
    const nobody = { address: null, jobId: null, riderId: null };
    const times = {
      confirmedAt: at,
      readyAt: at,
      nextOfferAt: at,
      giveUpAt: plus(at, this.settings.DELIVERY_NO_RIDER_MS),
      etaAt: at,
    };
    return {
      orderId,
      customerId,
      storeId,
      stage,
      packed,
      otp: newOtp(),
      otpTries: 0,
      otpLockedUntil: null,
      ...nobody,
      ...times,
    };
  }
}
