import type { OrderAddress } from '@nakku/contracts';
import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { z } from 'zod';
import type { OrderStatus } from './order.js';

export type PaymentMethod = 'cod' | 'card' | 'upi' | 'wallet';
export type ItemStatus = 'ordered' | 'unavailable' | 'substituted';

/** An order as it was priced when it was placed, and how far it has come. Amounts in minor units. */
@Entity('orders')
@Index('orders_number', ['number'], { unique: true })
@Index('orders_cart', ['cartId', 'cartGeneration'], { unique: true })
@Index('orders_customer', ['customerId', 'placedAt', 'id'])
@Index('orders_store', ['storeId', 'status', 'placedAt', 'id'])
@Index('orders_status', ['status', 'placedAt', 'id'])
export class Order {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { length: 24 })
  number!: string;
  /** Counts the changes: whoever writes says which one they have read. */
  @Column('integer')
  version!: number;
  @Column('varchar', { length: 20 })
  status!: OrderStatus;
  @Column('varchar', { name: 'cancel_reason', length: 32, nullable: true })
  cancelReason?: string | null;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  /** With the generation: which cart this was. It becomes at most one order. */
  @Column('varchar', { name: 'cart_id', length: 36 })
  cartId!: string;
  @Column('integer', { name: 'cart_generation' })
  cartGeneration!: number;
  @Column('simple-json')
  address!: z.output<typeof OrderAddress>;
  @Column(AMOUNT)
  subtotal!: number;
  @Column(AMOUNT)
  discount!: number;
  @Column('varchar', { name: 'coupon_code', length: 64, nullable: true })
  couponCode?: string | null;
  @Column({ ...AMOUNT, name: 'delivery_fee' })
  deliveryFee!: number;
  @Column(AMOUNT)
  tax!: number;
  @Column(AMOUNT)
  tip!: number;
  @Column(AMOUNT)
  total!: number;
  @Column('varchar', { length: 3 })
  currency!: string;
  @Column('varchar', { length: 500, nullable: true })
  note?: string | null;
  @Column('varchar', { length: 8 })
  substitutions!: 'none' | 'allow';
  @Column('varchar', { name: 'payment_method', length: 8 })
  paymentMethod!: PaymentMethod;
  /** The provider's token, until the payment is asked for. */
  @Column('varchar', { name: 'payment_token', length: 128, nullable: true })
  paymentToken?: string | null;
  @Column('varchar', { name: 'payment_id', length: 36, nullable: true })
  paymentId?: string | null;
  @Column('varchar', { name: 'rider_id', length: 36, nullable: true })
  riderId?: string | null;
  @Column('integer', { name: 'eta_minutes' })
  etaMinutes!: number;
  @Column('varchar', { name: 'promised_at', length: 24 })
  promisedAt!: string;
  @Column('varchar', { name: 'reserved_at', length: 24, nullable: true })
  reservedAt?: string | null;
  @Column('varchar', { name: 'placed_at', length: 24 })
  placedAt!: string;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
}

/** A line of an order, with the name and price of then. */
@Entity('order_items')
export class OrderItem {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @PrimaryColumn('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  /** Whose order it is: the orders are sharded by it, and what belongs to them with them. */
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  /** The place in the cart. */
  @Column('integer')
  position!: number;
  @Column('varchar', { length: 255 })
  name!: string;
  @Column('integer')
  quantity!: number;
  @Column({ ...AMOUNT, name: 'unit_price' })
  unitPrice!: number;
  @Column({ ...AMOUNT, name: 'line_total' })
  lineTotal!: number;
  @Column('varchar', { length: 12 })
  status!: ItemStatus;
}
