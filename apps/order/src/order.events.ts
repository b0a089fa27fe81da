import {
  deliveryAssigned,
  deliveryCompleted,
  deliveryFailed,
  deliveryPosition,
  deliveryScheduled,
  deliveryStarted,
  inventoryRejected,
  inventoryReserved,
  paymentCompleted,
  paymentFailed,
} from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { promise } from './order.js';
import { SagaService } from './saga.service.js';

/** What the other domains tell, as steps of the saga. A step that the order's state does not allow has no effect. */
@Listener('order')
export class OrderEvents {
  constructor(private readonly saga: SagaService) {}

  @On(inventoryReserved)
  async reserved({ data }: EventOf<typeof inventoryReserved>): Promise<void> {
    await this.saga.take(data.orderId, 'stockReserved', { changes: (_, reservedAt) => ({ reservedAt }) });
  }

  @On(inventoryRejected)
  async rejected({ data }: EventOf<typeof inventoryRejected>): Promise<void> {
    await this.saga.cancel(data.orderId, 'stockRejected', 'OUT_OF_STOCK', { detail: { shortages: data.shortages } });
  }

  /** A capture is told by the same event: by then the order is beyond this step. */
  @On(paymentCompleted)
  async paid({ data: { orderId, paymentId } }: EventOf<typeof paymentCompleted>): Promise<void> {
    await this.saga.take(orderId, 'paymentSecured', {
      changes: (order, at) => ({ paymentId, promisedAt: promise(at, order.etaMinutes) }),
    });
  }

  @On(paymentFailed)
  async declined({ data }: EventOf<typeof paymentFailed>): Promise<void> {
    await this.saga.cancel(data.orderId, 'paymentFailed', 'PAYMENT_DECLINED', { detail: { text: data.reason } });
  }

  @On(deliveryScheduled)
  async scheduled({ data: { orderId, etaAt } }: EventOf<typeof deliveryScheduled>): Promise<void> {
    await this.saga.take(orderId, 'riderSought', { kind: 'eta', detail: { etaAt } });
  }

  @On(deliveryAssigned)
  async assigned({ data: { orderId, etaAt, riderId, riderName } }: EventOf<typeof deliveryAssigned>): Promise<void> {
    await this.saga.take(orderId, 'riderAssigned', {
      kind: 'eta',
      actor: 'rider',
      detail: { etaAt, riderName },
      changes: { riderId },
    });
  }

  @On(deliveryStarted)
  async started({ data: { orderId, etaAt, riderId, riderName } }: EventOf<typeof deliveryStarted>): Promise<void> {
    await this.saga.take(orderId, 'pickedUp', { actor: 'rider', detail: { etaAt, riderName }, changes: { riderId } });
  }

  @On(deliveryPosition)
  async moved({ data: { orderId, lat, lng, etaAt } }: EventOf<typeof deliveryPosition>): Promise<void> {
    await this.saga.take(orderId, 'riderMoved', { kind: 'position', actor: 'rider', detail: { lat, lng, etaAt } });
  }

  @On(deliveryCompleted)
  async delivered({ data }: EventOf<typeof deliveryCompleted>): Promise<void> {
    await this.saga.take(data.orderId, 'delivered', { actor: 'rider', detail: { minutes: data.minutes } });
  }

  @On(deliveryFailed)
  async failed({ data: { orderId, reason, pickedUp, final } }: EventOf<typeof deliveryFailed>): Promise<void> {
    const detail = { text: reason };
    if (!final) await this.saga.take(orderId, 'riderGaveUp', { actor: 'rider', detail, changes: { riderId: null } });
    else if (pickedUp) await this.saga.take(orderId, 'lost', { actor: 'rider', detail });
    else await this.saga.cancel(orderId, 'riderMissing', 'NO_RIDER', { detail });
  }
}
