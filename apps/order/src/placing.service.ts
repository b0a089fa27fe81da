import { Injectable } from '@nestjs/common';
import { Database, isUniqueViolation, newId } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { conflict, Idempotency, Problem } from '@nakku/rpc';
import { EventBus } from '@nakku/transport';
import { created } from './announcement.js';
import { CheckoutService } from './checkout.service.js';
import { orderView, type OrderView, type PlaceOrder } from './order.dto.js';
import type { Order, OrderItem } from './order.entity.js';
import { OrderRepository } from './order.repository.js';
import { orderNumber } from './order.js';
import { draft, draftItems, requirePayable } from './placing.js';
import { UpdateService } from './update.service.js';

/** How often an order takes another number, should one be taken: of a million orders a day that happens to one every other day. */
const TRIES = 3;

/** Turns a customer's cart into an order. */
@Injectable()
export class PlacingService {
  constructor(
    private readonly checkout: CheckoutService,
    private readonly database: Database,
    private readonly orders: OrderRepository,
    private readonly updates: UpdateService,
    private readonly events: EventBus,
    private readonly idempotency: Idempotency,
  ) {}

  /** Prices, writes and announces the order; the saga does the rest. */
  async place(actor: Actor, body: PlaceOrder): Promise<OrderView> {
    requirePayable(body);
    const basket = await this.checkout.basket(actor.id, body.addressId);
    const order = draft(newId(), actor.id, body, basket);
    const items = draftItems(order, basket.quote);
    await this.checkout.holdCoupon(order);
    const view = await this.commit(order, items);
    await this.checkout.emptyCart(order, items);
    return view;
  }

  private async commit(order: Order, items: OrderItem[], tries = TRIES): Promise<OrderView> {
    try {
      return await this.database.transaction(() => this.write(order, items));
    } catch (error) {
      const isTaken = isUniqueViolation(error);
      // Of two orders of one cart the second one is refused; of two of one number it takes another.
      if (isTaken && tries > 1 && !(await this.orders.isOrdered(order)))
        return this.commit({ ...order, number: orderNumber(order.placedAt) }, items, tries - 1);
      const refusal = isTaken
        ? conflict('CART_CHANGED', 'This cart was ordered just now: look at your orders.')
        : error;
      // After any other failure the order may exist all the same: its coupon's hold then becomes final, or else lapses.
      if (refusal instanceof Problem) await this.checkout.giveCouponBack(order);
      throw refusal;
    }
  }

  private async write(order: Order, items: OrderItem[]): Promise<OrderView> {
    const view = orderView(order, items);
    await this.orders.insert(order, items);
    await this.updates.record(order, { kind: 'status', event: 'order.created', actor: 'customer' }, order.placedAt);
    await this.events.publish(created(order, items));
    await this.idempotency.complete(201, view);
    return view;
  }
}
