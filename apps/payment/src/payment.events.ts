import { orderCancelled, orderCompleted, orderPaymentRequested, orderUpdated } from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { PaymentService } from './payment.service.js';

@Listener('payment')
export class PaymentEvents {
  constructor(private readonly payments: PaymentService) {}

  @On(orderPaymentRequested)
  async requested({ data }: EventOf<typeof orderPaymentRequested>): Promise<void> {
    await this.payments.request(data);
  }

  @On(orderCancelled)
  async cancelled({ data }: EventOf<typeof orderCancelled>): Promise<void> {
    await this.payments.cancel(data.orderId, data.reason);
  }

  /** What could not be delivered is not paid. */
  @On(orderCompleted)
  async completed({ data }: EventOf<typeof orderCompleted>): Promise<void> {
    if (data.status === 'delivered') await this.payments.complete(data.orderId);
    else await this.payments.cancel(data.orderId, 'DELIVERY_FAILED');
  }

  @On(orderUpdated)
  async updated({ data }: EventOf<typeof orderUpdated>): Promise<void> {
    await this.payments.reduce(data.orderId, data.refundAmount);
  }
}
