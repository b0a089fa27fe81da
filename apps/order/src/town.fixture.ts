import {
  type CartApi,
  deliveryAssigned,
  deliveryCompleted,
  type DeliveryApi,
  deliveryFailed,
  deliveryPosition,
  deliveryStarted,
  inventoryRejected,
  inventoryReserved,
  type LocationApi,
  paymentCompleted,
  paymentFailed,
  type UserApi,
} from '@nakku/contracts';
import { newId } from '@nakku/database';
import { notFound, type Output, Problem, unavailable, unprocessable } from '@nakku/rpc';

type Quote = Output<CartApi, 'quote'>;

/** Everybody whom an order needs, for the specs of this domain: one store, one address, and a cart for whoever asks. */
export class TestTown {
  readonly storeId = newId();
  readonly addressId = newId();
  readonly milk = newId();
  readonly bread = newId();
  calls: string[] = [];
  point: { lat?: number; lng?: number } = { lat: 12.93, lng: 77.62 };
  serviceable: Output<LocationApi, 'serviceability'> = { serviceable: true, storeId: this.storeId, etaMinutes: 20 };
  breadAvailable = true;
  couponCode?: string;
  couponUsedUp = false;
  cartIsDown = false;
  deliveryIsDown = false;
  readonly otp = '4711';
  private readonly carts = new Map<string, { cartId: string; generation: number; filled: boolean }>();

  /** Puts the same lines into the customer's cart again. */
  fill(customerId: string): void {
    this.cartOf(customerId).filled = true;
  }

  readonly users: Pick<UserApi, 'getAddress'> = {
    getAddress: async ({ addressId }) => {
      if (addressId !== this.addressId) throw notFound('address');
      const place = {
        label: 'Home',
        line1: '17th Main',
        city: 'Bengaluru',
        state: 'Karnataka',
        postalCode: '560034',
        country: 'IN',
      };
      return { id: addressId, ...place, ...this.point, isDefault: true, serviceable: true };
    },
  };

  readonly locations: Pick<LocationApi, 'serviceability'> = { serviceability: async () => this.serviceable };

  readonly cart: Pick<CartApi, 'quote' | 'redeemCoupon' | 'returnCoupon' | 'checkout'> = {
    quote: async ({ customerId }) => {
      const { cartId, generation, filled } = this.cartOf(customerId);
      if (!filled) throw unprocessable('CART_EMPTY', 'The cart is empty.');
      return this.quoted(cartId, generation);
    },
    redeemCoupon: async ({ code }) => {
      this.calls.push('redeemCoupon');
      if (this.couponUsedUp) throw unprocessable('COUPON_USED_UP', `${code} is used up.`);
      return {};
    },
    returnCoupon: async () => {
      this.calls.push('returnCoupon');
      return {};
    },
    checkout: async ({ cartId, generation }) => {
      this.calls.push('checkout');
      if (this.cartIsDown) throw unavailable('cart is not answering.');
      for (const cart of this.carts.values()) {
        if (cart.cartId === cartId && cart.generation === generation)
          Object.assign(cart, { generation: generation + 1, filled: false });
      }
      return {};
    },
  };

  readonly deliveries: Pick<DeliveryApi, 'getOtp'> = {
    getOtp: async () => {
      this.calls.push('getOtp');
      if (this.deliveryIsDown) throw new Problem(503, 'UNAVAILABLE', 'delivery is not answering.');
      return { otp: this.otp };
    },
  };

  private cartOf(customerId: string) {
    const cart = this.carts.get(customerId) ?? { cartId: newId(), generation: 1, filled: true };
    this.carts.set(customerId, cart);
    return cart;
  }

  private quoted(cartId: string, generation: number): Quote {
    const line = (productId: string, name: string, quantity: number, unitPrice: number, available = true) => ({
      ...{ productId, name, quantity, unitPrice, lineTotal: unitPrice * quantity, available },
    });
    const items = [line(this.milk, 'Milk', 2, 6000), line(this.bread, 'Bread', 1, 4500, this.breadAvailable)];
    const discount = this.couponCode ? 1000 : 0;
    const totals = {
      subtotal: 16_500,
      discount,
      deliveryFee: 2500,
      tax: 825,
      total: 19_825 - discount,
      currency: 'INR',
    };
    return { cartId, generation, items, ...totals, ...(this.couponCode ? { couponCode: this.couponCode } : {}) };
  }
}

/** What the other domains tell of an order, each with an event of its own. */
export function tellsOf(orderId: string, customerId: string, storeId: string) {
  const base = { orderId, customerId, storeId };
  const money = { amount: 19_825, currency: 'INR', method: 'cod' as const };
  const job = { ...base, jobId: newId(), riderId: newId() };
  const rider = { ...job, riderName: 'Ravi', etaAt: '2026-01-01T10:20:00.000Z' };
  const payment = { paymentId: newId(), orderId, customerId, ...money };
  return {
    paymentId: payment.paymentId,
    reserved: () => inventoryReserved({ orderId, storeId, items: [] }),
    rejected: () =>
      inventoryRejected({ orderId, storeId, shortages: [{ productId: newId(), requested: 2, available: 1 }] }),
    paid: (status: 'authorised' | 'recorded' | 'captured' = 'recorded') => paymentCompleted({ ...payment, status }),
    declined: () => paymentFailed({ ...payment, reason: 'card_declined' }),
    assigned: () => deliveryAssigned(rider),
    started: () => deliveryStarted({ ...rider, etaAt: '2026-01-01T10:15:00.000Z' }),
    moved: (lat: number) =>
      deliveryPosition({ ...base, riderId: rider.riderId, lat, lng: 77.6, etaAt: '2026-01-01T10:12:00.000Z' }),
    completed: () => deliveryCompleted({ ...job, minutes: 9 }),
    failed: (how: { pickedUp: boolean; final: boolean }) => deliveryFailed({ ...job, reason: 'flat tyre', ...how }),
  };
}
