import { Injectable, Logger } from '@nestjs/common';
import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { unprocessable } from '@nakku/rpc';
import type { Order, OrderItem } from './order.entity.js';
import { type Basket, requireAvailable } from './placing.js';

/** Promised where location names no time. */
const USUAL_ETA_MINUTES = 30;

/** What the other domains do before and after an order is placed. None of it holds a transaction open. */
@Injectable()
export class CheckoutService {
  private readonly logger = new Logger(CheckoutService.name);

  constructor(
    private readonly users: UserApi,
    private readonly locations: LocationApi,
    private readonly carts: CartApi,
  ) {}

  /** Each call needs what the one before it found: the address its point, the point its store, the store its prices. */
  async basket(customerId: string, addressId: string): Promise<Basket> {
    const address = await this.addressOf(customerId, addressId);
    const { storeId, etaMinutes } = await this.storeFor(address);
    const quote = await this.carts.quote({ customerId, storeId });
    requireAvailable(quote);
    return { quote, address, storeId, etaMinutes };
  }

  /** Holds the coupon's use for this order; a hold that never becomes an order lapses by itself. */
  async holdCoupon({ id: orderId, customerId, couponCode: code }: Order): Promise<void> {
    if (code) await this.carts.redeemCoupon({ code, customerId, orderId });
  }

  async giveCouponBack({ id: orderId, couponCode }: Order): Promise<void> {
    if (couponCode)
      await this.eventually('a coupon was not given back: its hold will lapse', this.carts.returnCoupon({ orderId }));
  }

  /** So that the customer's next look at the cart is right; cart does the same when it hears of the order. */
  async emptyCart(
    { id: orderId, cartId, cartGeneration: generation }: Order,
    items: readonly OrderItem[],
  ): Promise<void> {
    const ordered = items.map(({ productId, quantity }) => ({ productId, quantity }));
    await this.eventually(
      'the cart will be emptied later',
      this.carts.checkout({ cartId, generation, orderId, items: ordered }),
    );
  }

  private async addressOf(userId: string, addressId: string): Promise<Basket['address']> {
    const {
      id: _id,
      isDefault: _default,
      serviceable: _serviceable,
      lat,
      lng,
      ...fields
    } = await this.users.getAddress({ userId, addressId });
    if (lat === undefined || lng === undefined) {
      throw unprocessable('NOT_SERVICEABLE', 'The address could not be found on the map: correct it.', {
        reason: 'ADDRESS_NOT_LOCATED',
      });
    }
    return { ...fields, lat, lng };
  }

  private async storeFor({ lat, lng }: Basket['address']): Promise<{ storeId: string; etaMinutes: number }> {
    const {
      serviceable,
      storeId,
      etaMinutes = USUAL_ETA_MINUTES,
      reason = 'OUT_OF_ZONE',
    } = await this.locations.serviceability({ lat, lng });
    if (serviceable && storeId) return { storeId, etaMinutes };
    if (reason === 'STORE_CLOSED')
      throw unprocessable('STORE_CLOSED', 'The store of this address is closed now.', { reason });
    throw unprocessable('NOT_SERVICEABLE', 'We do not deliver to this address.', { reason });
  }

  private async eventually(otherwise: string, work: Promise<unknown>): Promise<void> {
    await work.catch((err: unknown) => this.logger.warn({ err }, otherwise));
  }
}
