import { orderCancelled, orderCreated, userDeleted } from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { CheckoutService } from './checkout.service.js';
import { RedemptionService } from './redemption.service.js';
import { RetentionService } from './retention.service.js';

/** What other domains' events do to carts and coupons. */
@Listener('cart')
export class CartEvents {
  constructor(
    private readonly checkouts: CheckoutService,
    private readonly redemptions: RedemptionService,
    private readonly retention: RetentionService,
  ) {}

  /** Makes up for a checkout call that was lost between the order's commit and us. */
  @On(orderCreated)
  async placed({ data }: EventOf<typeof orderCreated>): Promise<void> {
    await this.checkouts.checkout(data);
    if (data.couponCode) await this.redemptions.confirm(data.orderId);
  }

  @On(orderCancelled)
  async cancelled({ data }: EventOf<typeof orderCancelled>): Promise<void> {
    await this.redemptions.giveBack(data.orderId);
  }

  @On(userDeleted)
  async left({ data }: EventOf<typeof userDeleted>): Promise<void> {
    await this.retention.forget(data.userId);
  }
}
