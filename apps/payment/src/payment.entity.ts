import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Action, Method, State, Status } from './payment.js';

/** The payment of an order. */
@Entity('payments')
@Index('payments_order', ['orderId'], { unique: true })
@Index('payments_customer', ['customerId', 'id'])
@Index('payments_due', ['nextTryAt'])
export class PaymentRow implements State {
  /** Also the key under which the provider charges at most once. */
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { length: 8 })
  method!: Method;
  @Column('varchar', { length: 20 })
  status!: Status;
  @Column(AMOUNT)
  amount!: number;
  /** What the provider is asked to hold: the same at every try, though less may be owed meanwhile. */
  @Column({ ...AMOUNT, name: 'hold_amount' })
  holdAmount!: number;
  @Column({ ...AMOUNT, name: 'captured_amount' })
  capturedAmount!: number;
  /** Reserved when a refund is asked for, so that two cannot promise the same money. */
  @Column({ ...AMOUNT, name: 'refunded_amount' })
  refundedAmount!: number;
  @Column('varchar', { length: 3 })
  currency!: string;
  @Column('boolean', { name: 'cancel_requested' })
  cancelRequested!: boolean;
  @Column('varchar', { length: 191, nullable: true })
  token!: string | null;
  @Column('varchar', { name: 'next_action', length: 12, nullable: true })
  nextAction!: Action | null;
  @Column('varchar', { name: 'next_try_at', length: 24, nullable: true })
  nextTryAt!: string | null;
  @Column('integer')
  tries!: number;
  /** Counts the changes: whoever writes says which one they have read. */
  @Column('integer')
  version!: number;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
}

/** An order that is off: should its payment be asked for later, nothing is charged. */
@Entity('cancelled_orders')
export class CancelledOrder {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'cancelled_at', length: 24 })
  cancelledAt!: string;
}
