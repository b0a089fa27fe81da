import { Injectable } from '@nestjs/common';
import { worksAt } from '@nakku/auth';
import { DeliveryApi, Id, type OrderApi } from '@nakku/contracts';
import { type Actor, currentContext, withContext } from '@nakku/observability';
import { decodeCursor, type Input, notFound, type Output, type Page, paged } from '@nakku/rpc';
import { z } from 'zod';
import { showsOtp } from './order.js';
import { type ListOrders, orderView, type OrderView } from './order.dto.js';
import type { Order, OrderItem } from './order.entity.js';
import { type OrderFilter, OrderRepository, type Position } from './order.repository.js';
import { type Timeline, timelineView } from './update.dto.js';
import { UpdateRepository } from './update.repository.js';
import { UpdateService } from './update.service.js';

const POLL_MS = 250;
/** An order is worth showing without the rider's password when delivery does not answer within this. */
const OTP_MS = 1000;
const Cursor = z.tuple([z.iso.datetime(), Id]);

/** Reads orders. */
@Injectable()
export class OrderService implements OrderApi {
  constructor(
    private readonly orders: OrderRepository,
    private readonly updates: UpdateRepository,
    private readonly news: UpdateService,
    private readonly deliveries: DeliveryApi,
  ) {}

  async get({ orderId }: Input<OrderApi, 'get'>): Promise<Output<OrderApi, 'get'>> {
    const order = await this.orders.find(orderId);
    if (!order) throw notFound('order');
    const { number, customerId, storeId, status, total, currency, placedAt } = order;
    return { orderId, number, customerId, storeId, status, total, currency, placedAt };
  }

  /** An order that the actor may see; 404 for somebody else's. */
  async visible(actor: Actor, id: string): Promise<Order> {
    const order = await this.orders.find(id);
    if (!order || (order.customerId !== actor.id && !worksAt(actor, order.storeId))) throw notFound('order');
    return order;
  }

  /** The actor's own order; 404 for anybody else's, also to staff. */
  async own(actor: Actor, id: string): Promise<Order> {
    const order = await this.orders.find(id);
    if (order?.customerId !== actor.id) throw notFound('order');
    return order;
  }

  /** With the rider's password for the owner, while there is a rider. */
  async show(actor: Actor, id: string): Promise<OrderView> {
    const order = await this.visible(actor, id);
    const asksOtp = order.customerId === actor.id && showsOtp(order);
    const [items, deliveryOtp] = await Promise.all([this.orders.itemsOf(order), asksOtp ? this.otp(id) : undefined]);
    return { ...orderView(order, items), ...(deliveryOtp ? { deliveryOtp } : {}) };
  }

  /** The order as it is once it is no longer pending, or after `seconds`. */
  async settled(id: string, seconds: number): Promise<OrderView> {
    const end = Date.now() + seconds * 1000;
    for (let left = seconds * 1000; left > 0 && !this.news.stopping; left = end - Date.now()) {
      const change = this.news.next(id, Math.min(POLL_MS, left));
      if ((await this.orders.statusOf(id)) !== 'pending') break;
      await change;
    }
    const order = await this.orders.find(id);
    if (!order) throw notFound('order');
    return orderView(order, await this.orders.itemsOf(order));
  }

  async list(actor: Actor, { limit, cursor, status, from, to }: ListOrders): Promise<Page<OrderView>> {
    const filter: OrderFilter = { ...ordersOf(actor), status, from: from && instant(from), to: to && instant(to) };
    return this.page(await this.orders.list(filter, limit, cursor ? position(cursor) : undefined), limit);
  }

  /** What a store has to pick, oldest first. */
  async queue(storeId: string, limit: number, cursor?: string): Promise<Page<OrderView>> {
    return this.page(await this.orders.queue(storeId, limit, cursor ? position(cursor) : undefined), limit);
  }

  async timeline(actor: Actor, id: string): Promise<Timeline> {
    return timelineView(await this.updates.timeline(await this.visible(actor, id)));
  }

  private async page(rows: Order[], limit: number): Promise<Page<OrderView>> {
    const { items, nextCursor } = paged(rows, limit, ({ placedAt, id }) => [placedAt, id]);
    const lines = new Map<string, OrderItem[]>(items.map(({ id }) => [id, []]));
    for (const line of await this.orders.itemsOf(...items)) lines.get(line.orderId)?.push(line);
    return { items: items.map((order) => orderView(order, lines.get(order.id)!)), nextCursor };
  }

  private async otp(orderId: string): Promise<string | undefined> {
    const context = currentContext();
    const deadline = Math.min(context.deadline ?? Infinity, Date.now() + OTP_MS);
    const ask = () => this.deliveries.getOtp({ orderId });
    return withContext({ ...context, deadline }, ask).then(
      ({ otp }) => otp,
      () => undefined,
    );
  }
}

/** Admins see every order, staff their stores' besides their own. */
function ordersOf(actor: Actor): Pick<OrderFilter, 'customerId' | 'storeIds'> {
  if (actor.roles.includes('admin')) return {};
  const storeIds = actor.roles.includes('store_staff') && actor.stores.length > 0 ? actor.stores : undefined;
  return { customerId: actor.id, storeIds };
}

function position(cursor: string): Position {
  const [placedAt, id] = decodeCursor(cursor, Cursor);
  return { placedAt, id };
}

const instant = (given: string): string => new Date(given).toISOString();
